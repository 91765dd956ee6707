//! A peer: mosquitto, where a client that connects under the name of another one takes its place. It is started on two free ports, with
//! nothing kept and nothing logged.

use std::env;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use futures_util::future::join_all;
use tempfile::{TempDir, tempdir};

use super::link::{BINARY, CLOSE, Link};
use super::load::{Done, IN_FLIGHT, block_on, for_a_while};
use super::process::Usage;
use super::size::Size;

/// How its clients come.
#[derive(Clone, Copy)]
pub(crate) enum Road {
    Tcp,
    WebSocket,
}

/// A CONNACK that lets in (MQTT 3.1.1, section 3.2).
const LET_IN: [u8; 4] = [0x20, 2, 0, 0];

/// Where it is, if it is installed.
pub(crate) fn installed() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join("mosquitto")).find(|binary| binary.is_file())
}

/// It, running.
pub(crate) struct Mosquitto {
    child: Child,
    tcp: SocketAddr,
    websocket: SocketAddr,
    _folder: TempDir,
}

impl Mosquitto {
    pub(crate) fn start(binary: &Path) -> Mosquitto {
        let (folder, [tcp, websocket]) = (tempdir().expect("a folder can be made"), free());
        let file = folder.path().join("mosquitto.conf");
        fs::write(&file, settings(tcp, websocket)).expect("a file can be written");
        let mut command = Command::new(binary);
        let child = command.arg("-c").arg(file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it can be run");
        let mosquitto = Mosquitto { child, tcp, websocket, _folder: folder };
        while [tcp, websocket].iter().any(|address| TcpStream::connect(address).is_err()) {
            thread::yield_now();
        }
        mosquitto
    }

    /// Takeovers for a while, as many at once as of the server.
    pub(crate) fn takeovers(&self, size: &Size, road: Road) -> Done {
        let server = match road {
            Road::Tcp => self.tcp,
            Road::WebSocket => self.websocket,
        };
        block_on(async {
            let clients = (0..IN_FLIGHT).map(|n| Client::connected(format!("client{n}"), road, server));
            let mut clients = join_all(clients).await.into_iter().collect::<io::Result<Vec<_>>>().expect("it lets clients in");
            let take_over = async |client: &mut Client| client.take_over(server).await.expect("it lets clients in");
            for_a_while(size.window, Usage(self.child.id()), &mut clients, take_over).await
        })
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn settings(tcp: SocketAddr, websocket: SocketAddr) -> String {
    let listeners = format!("listener {} 127.0.0.1\nlistener {} 127.0.0.1\nprotocol websockets\n", tcp.port(), websocket.port());
    format!("allow_anonymous true\npersistence false\nlog_type none\nset_tcp_nodelay true\n{listeners}")
}

/// Addresses that nobody listens at.
fn free() -> [SocketAddr; 2] {
    let bound = [(); 2].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port"));
    bound.map(|listener| listener.local_addr().expect("it is bound"))
}

/// A client that another one under its name takes the place of.
struct Client {
    name: String,
    road: Road,
    link: Link,
}

impl Client {
    async fn connected(name: String, road: Road, server: SocketAddr) -> io::Result<Client> {
        let link = connect(&name, road, server).await?;
        Ok(Client { name, road, link })
    }

    async fn take_over(&mut self, server: SocketAddr) -> io::Result<()> {
        let newcomer = connect(&self.name, self.road, server).await?;
        let mut victim = std::mem::replace(&mut self.link, newcomer);
        match self.road {
            Road::Tcp => while victim.bytes(1).await.is_ok() {},
            Road::WebSocket => while victim.hear().await.is_ok_and(|(opcode, _)| opcode != CLOSE) {},
        }
        Ok(())
    }
}

async fn connect(name: &str, road: Road, server: SocketAddr) -> io::Result<Link> {
    let packet = connect_packet(name);
    let (link, answer) = match road {
        Road::Tcp => {
            let mut link = Link::connect(server).await?;
            link.write(&packet).await?;
            let answer = link.bytes(LET_IN.len()).await?;
            (link, answer)
        }
        Road::WebSocket => {
            let mut link = Link::open(server, "sec-websocket-protocol: mqtt\r\n").await?;
            link.say(BINARY, &packet).await?;
            let (_, answer) = link.hear().await?;
            (link, answer)
        }
    };
    assert_eq!(answer, LET_IN);
    Ok(link)
}

/// A CONNECT under that name, with a clean session and no keep-alive (MQTT 3.1.1, section 3.1).
fn connect_packet(name: &str) -> Vec<u8> {
    let length = u8::try_from(name.len()).expect("the name is short");
    let fixed = [0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 0, 0, length];
    let whole = u8::try_from(fixed.len() + name.len()).expect("the name is short");
    [&[0x10, whole], fixed.as_slice(), name.as_bytes()].concat()
}
