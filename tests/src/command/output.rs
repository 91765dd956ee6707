//! What commands write to their standard output: text, and tables of aligned columns without borders. No colours, so that it reads
//! the same in a file.

use std::io::{self, ErrorKind, IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};

use super::Error;

/// How wide a table is on a terminal; elsewhere a row is a line.
const TERMINAL_COLUMNS: u16 = 120;

/// Writes a text. A reader that has gone away has read what it wanted, and is no error.
pub(super) fn print(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::Output(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a line beside the output, to the standard error; where nobody reads it, nothing is lost.
pub(super) fn note(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Writes rows under a header.
pub(super) fn print_table<const N: usize>(header: [&str; N], rows: impl Iterator<Item = [String; N]>) -> Result<(), Error> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header).add_rows(rows);
    if io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(TERMINAL_COLUMNS);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    print(&format!("{}\n", table.trim_fmt()))
}
