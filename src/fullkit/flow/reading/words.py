"""The words of foreign exports: what people call the columns of a pipeline, and how they say won and lost.

Headers are compared by their letters and digits alone (`plain`), so `Close Date`, `close_date` and `CloseDate` are
one word.
"""

from __future__ import annotations

import re
import unicodedata

Words = dict[str, tuple[str, ...]]


def plain(word: str) -> str:
    """A header or a name by its letters and digits: no case, accents, blanks or punctuation."""
    flat = unicodedata.normalize("NFKD", word.replace("ß", "ss").casefold())
    return "".join(c for c in flat if c.isalnum())


def _table(text: str) -> Words:
    """Lines of `ours: theirs theirs ...`, the better word first; a line that is indented goes on."""
    lines = text.strip().replace("\n    ", " ").splitlines()
    return {ours: tuple(theirs.split()) for ours, theirs in (line.split(":", 1) for line in lines)}


OPPORTUNITIES = _table(
    """
packet: opportunityid dealid recordid hsobjectid donotmodifyopportunity opportunitynumber dealnumber
    externalid leadid crmid id oppid dealno opportunityno ref reference referenz nummer numero num number
    nr key
title: opportunityname dealname dealtitle topic name opportunity title deal subject displayname
    bezeichnung titel nom nombre nome naam titre description
owner: opportunityowner dealowner salesagent owner ownerid owneridname salesperson salesrep
    salesrepresentative rep userid userownerid hubspotownerid ownername dealcreator user seller agent
    assignedto assignee accountmanager accountexecutive verantwortlich verkaufer vertriebsmitarbeiter
    bearbeiter besitzer zustandig vendeur commercial responsable vendedor comercial propietario venditore
    responsabile verkoper eigenaar
customer: accountname account accountid dealorganization organization orgid orgname potentialcustomer
    customerid customeridname parentaccountid customer client company companyname associatedcompany
    partnerid partner customername kunde kundenname firma client entreprise cliente empresa azienda klant
    bedrijf
product: product productname dealproductname productid productline productfamily item produkt artikel
    produit producto prodotto
amount: actualrevenue actualvalue amount dealvalue dealamount closevalue expectedrevenue estrevenue
    estimatedvalue value revenue contractvalue acv arr price total betrag wert umsatz auftragswert summe
    montant valeur importe valor monto importo valore bedrag waarde
list_price: listprice salesprice catalogprice listenpreis prixcatalogue
created: createddate createdate dealdealcreated dealcreated createdon createdat created addtime
    creationdate datecreated dateadded createtime opencreated erstellt erstelltam angelegtam erstelldatum
    creele datecreation datedecreation fechacreacion fechadecreacion datacreazione aangemaakt creato
opened: engagedate opendate openeddate openedon opened dateopened startdate dateopen assignmentdate
    releasedate start begindate eroffnet eroffnungsdatum beginn startdatum datedebut datedouverture
    fechaapertura fechadeapertura datainizio dataapertura
closed: actualclosedate dateclosed closeddate dealdealclosedon dealclosedon closedon closedat closed
    closetime geschlossenam geschlossen cerradoel chiusoil
won_on: dealwontime wontime wondate datewon wonon wonat
lost_on: deallosttime losttime lostdate datelost loston lostat
close: closedate closingdate dateclose enddate abschlussdatum schlussdatum enddatum datecloture
    datedecloture datefin fechacierre fechadecierre datachiusura datadichiusura sluitingsdatum
expected_close: dealexpectedclosedate expectedclosedate expectedclosingdate expectedclosing expectedclose
    estimatedclosedate estclosedate estimatedclose datedeadline forecastdate
probability: probability dealprobability probability% closeprobability winprobability closingprobability
    wahrscheinlichkeit probabilite probabilidad probabilita chance
stage: stagename dealstage stage stageid salesstage pipelinestage salesstagename stepname phase etappe
    etape etapa fase verkaufsphase vertriebsphase
outcome: dealstatus outcome result wonstatus status statecode statuscode state statusreason wonlost
    ergebnis resultat resultado risultato statut estado stato
is_won: iswon won isclosedwon hsisclosedwon
is_closed: isclosed hsisclosed
loss_reason: deallostreason lostreason lossreason lostreasonid closedlostreason reasonlost closereason
    reason verlustgrund grund raisondeperte motivoperdida
next_step: nextstep nextsteps dealnextstep hsnextstep nextactivitysubject nachsterschritt
source: leadsource source dealsourcechannel dealsourceorigin originalsource originalsourcetype sourceid
    sourcename hsanalyticssource channel leadsourcecode quelle herkunft origine origen fonte
type: type dealtype opportunitytype businesstype recordtype
team: teamid salesteam team region regionaloffice department businessunit vertriebsteam
updated: systemmodstamp lastmodifieddate dealupdatetime updatetime modifiedon lastmodified writedate fivetranstart
    lastupdatedon updatedat lastmodifiedon hslastmodifieddate snapshotdate exportdate asofdate
deleted: isdeleted deleted
active: active
"""
)

HISTORY = _table(
    """
packet: opportunityid dealid leadid recordid resid id itemid
stage: stagename tostage newstage newvalue stage stageid dealstage newstageid phase
from_stage: fromstage oldstage oldvalue previousstage oldstageid
changed: fivetranstart changedat changedon stagechangedate changedate createddate lastmodified enteredat
    enteredon dateentered editdate validfrom timestamp date time logtime createdat createdate
changed_field: field fieldname changedfield
owner: changedby createdbyid lastmodifiedby editedby userid
"""
)

EVENTS = _table(
    """
case_type: casetype
case: caseconceptname caseid case caseidentifier processinstance processid traceid trace instanceid
    ticketid ticket incidentid incident orderid requestid casenumber caseno casekey vorgang vorgangsnummer
    fall fallid dossier caso
activity: conceptname activity activityname eventname event task taskname action step operation activityid
    aktivitat taetigkeit tatigkeit schritt activite actividad attivita
at: timetimestamp timestamp completetimestamp completetime endtimestamp endtime enddate end completed
    completedat finished eventtime eventdate datetime time date at zeitstempel zeit horodatage
    marcadetiempo
start: starttimestamp timestartimestamp startimestamp timestart starttime startdate start started
    startedat begin begintime beginn startzeit
lifecycle: lifecycletransition lifecycle transition eventtype lifecyclestate
instance: conceptinstance activityinstance activityinstanceid instance handlingid
resource: orgresource resource resourceid user username employee agent performer originator worker person
    bearbeiter ressource recurso risorsa
group: orggroup group workgroup role orgrole team department assignmentgroup gruppe abteilung
"""
)

BESIDE = _table(
    """
label: name accountname companyname fullname displayname productname title account company product
team: regionaloffice team teamname salesteam region department group userroleid manager
list_price: salesprice listprice unitprice price standardprice preis
"""
)
"""What a table beside the pipeline adds."""

SIGNATURES: tuple[tuple[str, str, tuple[frozenset[str], ...]], ...] = (
    ("Salesforce opportunities", "opportunities", (
        frozenset({"stagename", "closedate", "name"}), frozenset({"opportunityname", "stage", "closedate"}),
        frozenset({"opportunityowner", "closedate"}))),
    ("HubSpot deals", "opportunities", (
        frozenset({"dealname", "dealstage"}), frozenset({"hsobjectid", "dealstage"}))),
    ("Pipedrive deals", "opportunities", (
        frozenset({"dealid", "dealtitle", "dealstatus"}), frozenset({"addtime", "wontime", "losttime"}))),
    ("Odoo opportunities", "opportunities", (
        frozenset({"createdate", "stageid", "teamid"}), frozenset({"stageid", "expectedrevenue"}),
        frozenset({"opportunity", "salesperson", "stage", "expectedrevenue"}),
        frozenset({"stage", "salesperson", "expectedclosing"}), frozenset({"dateclosed", "dateopen", "stageid"}))),
    ("Dynamics opportunities", "opportunities", (
        frozenset({"estimatedclosedate", "statecode"}), frozenset({"topic", "potentialcustomer"}),
        frozenset({"estclosedate", "status"}), frozenset({"actualclosedate", "estimatedvalue"}))),
)  # fmt: skip
"""(what it is, what it holds, headers any of which gives it away). The first that fits."""

HISTORY_SIGNS = (
    frozenset({"opportunityid", "stagename", "createddate"}),
    frozenset({"fivetranstart", "stagename", "id"}),
    frozenset({"opportunityid", "field", "newvalue"}),
    frozenset({"fromstage", "tostage"}),
    frozenset({"oldstage", "newstage"}),
)

_ENDS = _table(
    """
won: accepted closedwon gagne gagnee ganada ganado ganho gano gewonnen gewonnenabgeschlossen ordered
    orderreceived signed sold success successful true vinta vinto vundet vunnen win won wygrana yes
    выиграна 受注 成交
lost: closedlost declined disqualified false forlorad loss lost no perdida perdido perdu perdue persa
    perso przegrana rejected tabt unsuccessful verloren проиграна 失注
no_decision: abandoned abgebrochen annule annullato cancelado canceled cancelled closedabandoned
    closedcancelled closednodecision dead expired keineentscheidung nodecision noresponse outofbudget
    stalled withdrawn
"""
)
_LEADING_CODE = re.compile(r"^\d+(?=\D)")


def outcome(word: str) -> str | None:
    """won, lost, no_decision, or None for a word that ends nothing."""
    flat = _LEADING_CODE.sub("", plain(word)) or plain(word)
    for meaning, known in _ENDS.items():
        if flat in known:
            return meaning
    parts = {plain(p) for p in re.split(r"[\s/,;:_()-]+", word)}
    if "closed" in parts or "deal" in parts or len(parts) <= 3:
        if parts & {"won", "gewonnen", "ganada", "ganado"} and not parts & {"not", "nicht"}:
            return "won"
        if parts & {"lost", "verloren", "perdido", "perdida"}:
            return "lost"
    return None
