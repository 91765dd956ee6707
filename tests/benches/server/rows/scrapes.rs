//! What it costs that somebody looks at `/metrics`.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::load::{block_on, takeovers};
use crate::process::Process;
use crate::serving::MEMORY;
use crate::size::Size;
use crate::table::{Bound, Row, median};

/// How often it is looked at for one figure: enough that the kernel's count of processor time is fine beside it.
const LOOKS: u32 = 500;

const ASK: &[u8] = b"GET /metrics HTTP/1.1\r\nhost: server\r\nconnection: close\r\n\r\n";

/// The part of a core that one look a second takes, once there is something to be seen.
pub(super) fn row(size: &Size) {
    let today = median((0..size.runs).map(|_| percent(size)));
    let what = "a scrape of /metrics a second, behind takeovers, % of a core";
    Row { what, today, limit: None, ratio: None }.print_today(Bound::AtMost(1.0));
}

fn percent(size: &Size) -> f64 {
    let server = Process::start(&[MEMORY]);
    block_on(async {
        takeovers(size, server.address, server.usage).await;
        let before = server.usage.cpu();
        for _ in 0..LOOKS {
            let page = scrape(server.address).await.expect("it is answered");
            assert!(page.contains("# TYPE"), "{page}");
        }
        (server.usage.cpu() - before).as_secs_f64() * 100.0 / f64::from(LOOKS)
    })
}

async fn scrape(server: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(ASK).await?;
    let mut page = String::new();
    stream.read_to_string(&mut page).await?;
    Ok(page)
}
