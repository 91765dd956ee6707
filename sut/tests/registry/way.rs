//! A way to a server, or to another one later, that may hold up one question: whoever asked it is cut off, and it goes on later. It reads
//! nothing of what it leads.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

/// The way, for whoever connects to its address.
pub(super) struct Way {
    pub(super) address: String,
    hold: Arc<Hold>,
    leads_to: watch::Sender<String>,
}

#[derive(Default)]
struct Hold {
    holds: AtomicBool,
    goes_on: Notify,
    is_answered: Notify,
}

impl Way {
    pub(super) async fn to(server: String) -> Way {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (leads_to, mut is_led) = watch::channel(server);
        let way = Way { address: listener.local_addr().unwrap().to_string(), hold: Arc::default(), leads_to };
        let hold = Arc::clone(&way.hold);
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = is_led.borrow_and_update().clone();
                let Ok(server) = TcpStream::connect(&server).await else { continue };
                let (hold, mut is_led) = (Arc::clone(&hold), is_led.clone());
                tokio::spawn(async move {
                    // A link that breaks on either side ends on both.
                    tokio::select! {
                        _ = lead(client, server, hold) => {}
                        Ok(()) = is_led.changed() => {}
                    }
                });
            }
        });
        way
    }

    /// All links end, and those that follow are to that server.
    pub(super) fn leads_to(&self, server: String) {
        self.leads_to.send_replace(server);
    }

    /// The next question stays on the way.
    pub(super) fn hold_the_next(&self) {
        self.hold.holds.store(true, Ordering::Relaxed);
    }

    /// It goes on.
    pub(super) fn release(&self) {
        self.hold.goes_on.notify_one();
    }

    /// Until the server has answered it.
    #[cfg(feature = "etcd")]
    pub(super) async fn answered(&self) {
        self.hold.is_answered.notified().await;
    }
}

/// Leads one link there until it holds a question up, which it sends once it goes on.
async fn lead(mut client: TcpStream, mut server: TcpStream, hold: Arc<Hold>) -> io::Result<()> {
    let (mut asked, mut answered) = ([0; 4096], [0; 4096]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let question = &asked[..read?];
                if hold.holds.swap(false, Ordering::Relaxed) {
                    drop(client);
                    hold.goes_on.notified().await;
                    server.write_all(question).await?;
                    assert_ne!(server.read(&mut answered).await?, 0);
                    hold.is_answered.notify_one();
                    return Ok(());
                }
                if question.is_empty() {
                    return Ok(());
                }
                server.write_all(question).await?;
            }
            read = server.read(&mut answered) => {
                let answer = &answered[..read?];
                if answer.is_empty() {
                    return Ok(());
                }
                client.write_all(answer).await?;
            }
        }
    }
}
