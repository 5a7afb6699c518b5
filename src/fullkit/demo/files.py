"""The papers that change hands. A few dozen real files, given in by the ordinary door and used again and again."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from datetime import datetime
from random import Random

from fullkit.actions import uploads
from fullkit.actions.handoffs import Given
from fullkit.models import Upload

PAPERS = {
    "lines": ("items.csv", "request.pdf", "wanted.txt"),
    "purchase_order": ("purchase-order.pdf", "po-scan.png", "order.pdf"),
    "drawing": ("sketch.pdf", "photo.png", "outline.dxf"),
    "parts_list": ("parts.csv",),
    "approved_drawing": ("drawing-rev-b.pdf", "drawing-rev-c.pdf"),
    "proof": ("photo-of-the-box.png", "delivery-note.pdf"),
    "promised": ("our-proposal.pdf", "what-we-said.txt"),
}
EACH = 3


class _Paper:
    """What the door takes: something with a size that comes in pieces."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.size: int | None = len(content)

    def chunks(self) -> Iterable[bytes]:
        yield self.content


class Papers:
    """One file for each kit item that asks for one, whenever it is asked."""

    def __init__(self, rng: Random, at: datetime) -> None:
        self.rng = rng
        self._kept: dict[str, list[Upload]] = {
            item: [_keep(name, number, at) for name in names for number in range(1, EACH + 1)]
            for item, names in PAPERS.items()
        }

    def __contains__(self, item: str) -> bool:
        return item in self._kept

    def give(self, item: str) -> Given:
        return Given(file=self.rng.choice(self._kept[item]))


def _keep(name: str, number: int, at: datetime) -> Upload:
    stem, _, kind = name.rpartition(".")
    name = f"{stem}-{number}.{kind}"
    return uploads.store(_Paper(_content(kind, name)), name=name, by=None, at=at)


def _content(kind: str, name: str) -> bytes:
    if kind == "pdf":
        return _pdf(f"{name}: a paper of the demo company")
    if kind == "png":
        return _png(sum(name.encode()) % 256)
    if kind == "dxf":
        return b"0\nSECTION\n2\nENTITIES\n0\nENDSEC\n0\nEOF\n999\n" + name.encode() + b"\n"
    return f"part;quantity;unit\n{name};40;piece\nHV-1002;12;piece\n".encode()


def _pdf(text: str) -> bytes:
    """One page that says what it is."""
    said = f"BT /F1 14 Tf 72 720 Td ({text}) Tj ET".encode()
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(said), said),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    return out + b"xref\n0 6\n0000000000 65535 f \n" + table + end


def _png(shade: int) -> bytes:
    """A grey square of 16 by 16."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes([shade]) * 16 for _ in range(16))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
