"""QR codes as the path of an inline SVG, which needs no script, no style and no request."""

import qrcode
from qrcode.constants import ERROR_CORRECT_M


def qr_path(text: str) -> tuple[int, str]:
    """Return (side, path) of the QR code of a text. side: modules per side, with the quiet zone of four modules.

    path: the dark modules as an SVG path, with one rectangle for each horizontal run of modules; the unit is one
    module.
    """
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(text)
    rows = code.get_matrix()
    path = []
    for y, row in enumerate(rows):
        start = None
        for x, dark in enumerate([*row, False]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                path.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
                start = None
    return len(rows), "".join(path)
