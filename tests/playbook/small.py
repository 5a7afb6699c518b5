"""A small whole playbook, for tests that read one often: a pool, a salesperson, a desk and a van."""

SMALL = """\
fullkit: 1
company:
  name: Your company
  currency: USD
  zone: UTC
calendar:
  hours:
    mon: [08:00-12:00, 12:30-17:00]
departments:
  - {key: pool, name: Promotions, chain: growth, works: [opportunity, alarm]}
  - key: sales
    name: Inside sales
    chain: growth
    inbox: personal
    works: [opportunity]
    lease: 1d
  - {key: service, name: Customer service, chain: bau, works: [quote, visit]}
roles:
  - {key: seller, name: Seller, department: sales, may: [work, sell], selling: inside}
  - {key: clerk, name: Clerk, department: service}
people:
  - {sign_in: anna, name: Anna, roles: [seller]}
packet_types:
  - key: opportunity
    name: Opportunity
    prefix: O
    home: pool
    process: hunting
    fields:
      - {key: program, name: Program}
    outcomes: [won, lost]
  - key: quote
    name: Quote
    prefix: Q
    home: service
    promise: 4h
    fields:
      - {key: size, name: Size, kind: choice, choices: [small, large]}
  - {key: visit, name: Visit, prefix: V, home: service, promise: 1d}
  - {key: alarm, name: Alarm, prefix: A, home: pool, promise: 1h}
handoffs:
  - key: release
    name: Release
    from: pool
    to: sales
    moves: opportunity
    kit:
      - key: customer
        name: Customer
        is: {present: true}
        criterion: The record names one company.
        test: Open the record and read the name.
        decision: In the kit if there is one.
        fact: customer
      - key: program
        name: Program
        is: {present: true}
        criterion: One program.
        test: Read it.
        decision: In the kit if there is one.
        fact: field.program
  - key: quote
    name: Ask for a quote
    from: sales
    to: service
    makes: quote
    makes_from: [opportunity]
    automatic_on: won
    kit:
      - key: pieces
        name: Pieces
        is: {between: [1, 100]}
        criterion: How many.
        test: Read the number.
        decision: In the kit from 1 to 100.
      - key: list
        name: List
        is: {file_of: [xlsx, csv]}
        criterion: The list of items.
        test: Open the file.
        decision: In the kit if it opens.
processes:
  - key: hunting
    name: Hunting
    kind: hunting
    chain: growth
    charter:
      starts_when: It arrives.
      ends_when: It is over.
      output: An order.
      customer: The clerk.
      owner: clerk
      measures: [Orders in a week]
    stages:
      - key: order
        name: Order
        customer_action: The customer ordered.
        evidence: {kind: file, says: The order.}
        sells: A first order
        hours_left: 1.6
queues:
  - department: sales
    release: release
    in_play: [60, 90]
    incident: alarm
slots:
  - role: clerk
    handoff: quote
    item: pieces
arrivals:
  yours_to_win: opportunity
  undecided: quote
reasons:
  skip:
    - {key: other, name: Other}
  put_back: [{key: other, name: Other}]
  not_sold: [{key: other, name: Other}]
  lost: [{key: other, name: Other}]
  red: [{key: other, name: Other}]
  attempt: [{key: other, name: Other}]
  repair: [{key: other, name: Other}]
terms:
  - {term: Order, criterion: A paid order., test: Look., decision: It is one if paid., owner: clerk}
"""
