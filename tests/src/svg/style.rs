//! How the picture looks: its frame and its colours, which suit the Explorer's dark page and stand by themselves. No place, no word.

use super::canvas::{Canvas, Point, escaped};

/// Only inside the picture: the page has styles of its own.
const STYLE: &str = "\
.kickproof text{font:11.5px 'DejaVu Sans Mono',Menlo,Consolas,'Courier New',monospace;fill:#e7ecef}
.kickproof .ground{fill:#10233a}
.kickproof .life{stroke:#55789b;stroke-dasharray:2 3}
.kickproof .fold{stroke:#5f7f9f}
.kickproof .head{fill:#2b5672;stroke:#7fa6c4}
.kickproof .name,.kickproof .side,.kickproof .number,.kickproof .sign{font-weight:bold}
.kickproof .side{font-size:13px;fill:#fff9d1}
.kickproof .band{fill:#1d3b58}
.kickproof .band.differs{fill:#5c1f2b}
.kickproof .band.open{fill:#1a2c40}
.kickproof .number{fill:#f2e27a}
.kickproof .action{fill:#fff9d1}
.kickproof .agrees .sign{fill:#7ee2a0}
.kickproof .differs .sign{fill:#ff8f8f}
.kickproof .words{paint-order:stroke;stroke:#10233a;stroke-width:4px;stroke-linejoin:round}
.kickproof .words.quiet{fill:#9db4c8}
.kickproof .called{fill:#f2e27a}
.kickproof .told{fill:#10233a;stroke:#7ee2a0;stroke-width:2}
.kickproof .delivered,.kickproof .opened{stroke:#f2e27a;stroke-width:1.6;fill:none}
.kickproof .opened{stroke-width:3;stroke-opacity:.7}
.kickproof .written{stroke:#8cc8ff;stroke-width:1.6;stroke-dasharray:4 2;fill:none}
.kickproof .tip{stroke-dasharray:none}
.kickproof .closed{stroke:#8cc8ff;stroke-width:2;fill:none}
.kickproof .words.differs,.kickproof .side.differs{fill:#ff8f8f;font-weight:bold}
.kickproof .told.differs,.kickproof .written.differs,.kickproof .closed.differs{stroke:#ff6b6b}
";

/// The whole picture: as wide as its place allows, but never so narrow that it cannot be read.
pub(super) fn wrap(size: Point, label: &str, canvas: &Canvas) -> String {
    let (Point { x: width, y: height }, label, body) = (size, escaped(label), canvas.as_str());
    let widest = width * 3 / 2;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"kickproof\" viewBox=\"0 0 {width} {height}\" width=\"100%\" \
         style=\"min-width:{width}px;max-width:{widest}px\" role=\"img\" aria-label=\"{label}\">\n\
         <style>\n{STYLE}</style>\n{body}</svg>\n"
    )
}
