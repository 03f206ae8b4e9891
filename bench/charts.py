"""Bar charts as SVG, in the colours of the site, by day and by night."""

import html

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1c1a17 }
.title { font-weight: 600; font-size: 15px }
.quiet { fill: #57524a }
.paper { fill: #fdfcf9 }
.line { stroke: #cfc8ba }
.b0 { fill: #a3361f } .b1 { fill: #57524a } .b2 { fill: #cfc8ba }
@media (prefers-color-scheme: dark) {
  text { fill: #ece8df }
  .quiet { fill: #b5aea1 }
  .paper { fill: #161513 }
  .line { stroke: #45413a }
  .b0 { fill: #f0866b } .b1 { fill: #b5aea1 } .b2 { fill: #45413a }
}
"""

WIDTH, LEFT, RIGHT, BAR, GAP = 760, 150, 120, 16, 18


def bars(title, unit, groups):
    """`groups` is a list of (name, [(series, value)]), the same series in each; longer bars are higher values."""
    longest = max((value for _, series in groups for _, value in series), default=0) or 1
    names = list(dict.fromkeys(name for _, series in groups for name, _ in series))
    parts, y = legend(names), 72
    for name, series in groups:
        middle = y + BAR * len(series) / 2 + 4
        parts.append(text(LEFT - 12, middle, name, anchor="end"))
        for series_name, value in series:
            width = max(1, value / longest * (WIDTH - LEFT - RIGHT))
            parts.append(f'<rect class="b{names.index(series_name) % 3}" x="{LEFT}" y="{y}" '
                         f'width="{width:.1f}" height="{BAR - 2}" rx="2"/>')
            parts.append(text(LEFT + width + 6, y + BAR - 5, figure(value), kind="quiet"))
            y += BAR
        y += GAP
    axis = f'<line class="line" x1="{LEFT - 0.5}" x2="{LEFT - 0.5}" y1="64" y2="{y - GAP + 6}"/>'
    return document(title, unit, y, [*parts, axis])


def document(title, unit, height, parts):
    label = html.escape(f"{title}, {unit}")
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
        text(16, 26, title, kind="title"),
        text(WIDTH - 16, 26, unit, kind="quiet", anchor="end"),
        *parts,
        "</svg>",
        "",
    ])


def legend(names):
    parts, x = [], 16
    for place, name in enumerate(names):
        parts.append(f'<rect class="b{place % 3}" x="{x}" y="40" width="12" height="12" rx="2"/>')
        parts.append(text(x + 18, 51, name, kind="quiet"))
        x += 44 + 7 * len(name)
    return parts


def text(x, y, words, kind="", anchor="start"):
    kind = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind}>{html.escape(words)}</text>'


def figure(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
