//! The app's backend: it takes every callback that it is sent and hands it on. It decides nothing.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

use std::io;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A callback as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// The account, a slash, and what is the callback's alone.
    pub(crate) id: String,
    /// The commit's version, a dot, and its place among the callbacks of that commit.
    pub(crate) place: String,
    pub(crate) body: String,
}

impl Taken {
    pub(crate) fn account(&self) -> &str {
        self.id.split_once('/').unwrap().0
    }
}

type Hand = Arc<Mutex<dyn FnMut(Taken) + Send>>;

/// Starts a backend that hands every callback on before it answers; its URL.
pub(crate) async fn receive(hand: impl FnMut(Taken) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let hand: Hand = Arc::new(Mutex::new(hand));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(BufReader::new(stream), Arc::clone(&hand)));
        }
    });
    url
}

async fn serve(mut stream: BufReader<TcpStream>, hand: Hand) -> io::Result<()> {
    while let Some(taken) = read(&mut stream).await? {
        (hand.lock().unwrap())(taken);
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await?;
    }
    Ok(())
}

/// The next callback; `None` at the end. One that breaks off was never sent.
async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Taken>> {
    let (mut id, mut place, mut length, mut line) = (String::new(), String::new(), 0, String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "callback-id" => value.clone_into(&mut id),
            "callback-place" => value.clone_into(&mut place),
            "content-length" => length = value.parse().unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some(Taken { id, place, body: String::from_utf8(body).unwrap() }))
}
