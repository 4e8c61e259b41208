"""How a report looks on a screen and on paper, and what it may ask of the network: nothing."""

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif;
  color: #16232b; background: #fff; max-width: 860px; margin: 40px auto; padding: 0 24px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 8px; }
h2 { font-size: 21px; margin: 0 0 4px; }
header { border-bottom: 2px solid #16232b; padding-bottom: 12px; margin-bottom: 20px; }
.who, footer, .note, .sources { color: #4a5a64; font-size: 13.5px; }
section { margin: 36px 0 0; padding-top: 14px; border-top: 1px solid #dfe6ea; }
.asked { font-size: 17px; color: #075985; margin: 2px 0 14px; }
.caption { font-style: italic; margin: 6px 0; }
.runs { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
.runs figure { margin: 0; flex: 1 1 150px; max-width: 384px; break-inside: avoid; }
.runs img { width: 100%; display: block; border-radius: 4px; image-rendering: auto; }
.wide { overflow-x: auto; }
@media (max-width: 640px) { .plot .wide img, .wide table.words { min-width: 720px; }
  .wide svg { min-width: 420px; } }
.asked + .caption { margin-top: -6px; } .caption + .note { margin: -4px 0 8px; }
h2.apart { margin-top: 32px; }
.runs figure.worded { flex: 1 1 300px; max-width: none; }
.plot.tall img { max-width: 620px; }
.plot { margin: 14px 0; break-inside: avoid; } .plot img { width: 100%; display: block; }
table.agenda td:nth-child(2) { width: 44%; } table.agenda td:nth-child(3) { width: 24%; }
table.grid { width: auto; margin: 8px 0 14px; } table.grid td, table.grid th { border: 0;
  padding: 3px; vertical-align: middle; } table.grid thead th { text-align: center; }
table.grid tbody th { padding-right: 10px; text-align: right; }
table.grid img { width: 100%; max-width: 180px; display: block; border-radius: 4px; }
table.grid.words td { padding: 6px 10px; background: #f5f8fa; border: 3px solid #fff; }
.again table.grid img { max-width: 96px; } .again .runs figure { max-width: 128px; }
figcaption { font-size: 14px; color: #4a5a64; padding-top: 4px; }
blockquote { margin: 10px 0; padding: 6px 14px; border-left: 3px solid #8fa1ab; background: #f5f8fa;
  break-inside: avoid; overflow-wrap: anywhere; }
blockquote p { margin: 2px 0; }
blockquote.words { font-size: 18px; border-left-color: #0072b2; }
blockquote.settled { opacity: .65; }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; margin: 8px 0; }
th, td { text-align: left; padding: 5px 10px 5px 0; border-bottom: 1px solid #dfe6ea;
  overflow-wrap: anywhere; vertical-align: top; }
th { font-weight: 600; color: #4a5a64; }
a { color: #075985; }
code { font-size: 13px; }
summary { font-size: 14px; color: #4a5a64; cursor: pointer; margin-top: 12px; }
svg { width: 100%; height: auto; margin: 14px 0 0; break-inside: avoid; }
svg text { font-size: 14px; fill: #16232b; }
svg .end { text-anchor: end; } svg .mid { text-anchor: middle; fill: #4a5a64; font-size: 13px; }
svg .beside { fill: #4a5a64; font-size: 12px; }
svg .grid { stroke: #dfe6ea; } svg .bar { stroke: #0072b2; stroke-width: 3; }
svg .dot { fill: #0072b2; }
.decision { font-weight: 600; padding: 8px 14px; border-radius: 4px; background: #eef2f4; }
.there { float: right; font-weight: 400; font-size: 13.5px; margin-left: 16px; }
td.accepted, .decision.accepted { color: #00654a; } .decision.accepted { background: #e5f5ef; }
td.rejected, .decision.rejected { color: #9a3d00; } .decision.rejected { background: #fbeee6; }
td.needs-work, .decision.needs-work { color: #7a5300; }
.decision.needs-work { background: #fdf4e0; }
.sources a { text-decoration: none; } .sources { font-size: 12.5px; }
.sources li { overflow-wrap: anywhere; margin: 4px 0; }
th { white-space: nowrap; }
@page { size: A4; margin: 18mm 16mm 20mm;
  @bottom-right { font-family: 'DejaVu Sans', sans-serif;
    content: counter(page) " / " counter(pages); font-size: 9pt; color: #4a5a64; } }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 11pt; }
  section { break-inside: avoid; margin-top: 9mm; }
  section.sources, section.long { break-inside: auto; } h2, .asked { break-after: avoid; }
  .runs figure { max-width: 52mm; }
  .start { break-inside: avoid; }
  .plot img { width: auto; max-width: 100%; max-height: 72mm; }
  .plot.tall img { max-height: 104mm; } .wide { overflow: visible; }
  .runs figure.worded { max-width: none; }
  table.grid { break-inside: avoid; } table.grid img { width: 28mm; max-width: 28mm; }
  .again table.grid img { width: 18mm; } .again .runs figure { max-width: 22mm; }
  svg { max-width: 150mm; }
  tr, li, .decision, svg { break-inside: avoid; } summary, thead { break-after: avoid; }
  .decision { break-before: avoid; }
  details, .runs:not(.many) { break-inside: avoid; }
  table { break-before: avoid; } ul { margin: 2mm 0; }
}
"""
