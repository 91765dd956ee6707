//! Where a registry's primary is: at the only address that is known, or where the majority of its sentinels says. It links to no primary.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use futures_util::future::join_all;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, IntoConnectionInfo, RedisError, RedisResult, cmd};

use super::primary::PATIENCE;
use crate::registry::Sentinels;

/// Where a Redis server is, as in `redis://127.0.0.1:6379/0`, or where its sentinels are, as in
/// `redis+sentinel://127.0.0.1:26379,127.0.0.1:26380/mymaster/0`. It may hold a password, and is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Url(Address);

#[derive(Clone, PartialEq, Eq)]
enum Address {
    Only(String),
    Watched(Watched),
}

/// A primary with sentinels.
#[derive(Clone, PartialEq, Eq)]
struct Watched {
    /// Each with its port.
    sentinels: Vec<String>,
    /// What they call the primary.
    name: String,
    /// What stands before and behind the primary's host in its address.
    around: [String; 2],
}

/// Where sentinels are unless it is said.
const SENTINEL_PORT: &str = "26379";

const SENTINELS: &str = "redis+sentinel://";

impl FromStr for Url {
    type Err = RedisError;

    fn from_str(text: &str) -> Result<Url, RedisError> {
        Ok(Url(match text.strip_prefix(SENTINELS) {
            Some(rest) => Address::Watched(Watched::read(rest).ok_or((ErrorKind::InvalidClientConfig, "it names no sentinels"))?),
            None => {
                text.into_connection_info()?;
                Address::Only(text.to_owned())
            }
        }))
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Url(hidden)")
    }
}

impl Url {
    /// What a person reads; it holds no password.
    pub(super) fn shown(&self) -> String {
        match &self.0 {
            Address::Only(url) => match url.as_str().into_connection_info() {
                Ok(info) => format!("redis://{}", info.addr()),
                Err(error) => error.to_string(),
            },
            Address::Watched(Watched { sentinels, name, .. }) => format!("{SENTINELS}{}/{name}", sentinels.join(",")),
        }
    }

    pub(super) const fn has_sentinels(&self) -> bool {
        matches!(self.0, Address::Watched(_))
    }

    /// Where the primary is now, and which sentinels say so.
    pub(super) async fn find(&self) -> RedisResult<(Client, Sentinels)> {
        match &self.0 {
            Address::Only(url) => Ok((Client::open(url.as_str())?, Sentinels::default())),
            Address::Watched(watched) => watched.find().await,
        }
    }
}

impl Watched {
    fn read(rest: &str) -> Option<Watched> {
        let (hosts, path) = rest.split_once('/')?;
        let (name, database) = path.split_once('/').unwrap_or((path, "0"));
        let (credentials, hosts) = hosts.rsplit_once('@').map_or(("", hosts), |(credentials, hosts)| (credentials, hosts));
        let at = if credentials.is_empty() { "" } else { "@" };
        let around = [format!("redis://{credentials}{at}"), format!("/{database}")];
        let has_port = |host: &str| host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let with_port = |host: &str| if has_port(host) { host.to_owned() } else { format!("{host}:{SENTINEL_PORT}") };
        let sentinels: Vec<_> = hosts.split(',').map(with_port).collect();
        let watched = Watched { sentinels, name: name.to_owned(), around };
        let reads = |host: &String| !host.starts_with(':') && watched.client(host).is_ok();
        (!name.is_empty() && watched.sentinels.iter().all(reads)).then_some(watched)
    }

    fn client(&self, address: &str) -> RedisResult<Client> {
        let [before, behind] = &self.around;
        Client::open(format!("{before}{address}{behind}"))
    }

    /// More than half of all sentinels have to agree: of two primaries no more than one is named so.
    async fn find(&self) -> RedisResult<(Client, Sentinels)> {
        let mut named = BTreeMap::<_, usize>::new();
        for address in join_all(self.sentinels.iter().map(|sentinel| self.ask(sentinel))).await.into_iter().flatten() {
            *named.entry(address).or_default() += 1;
        }
        let asked = self.sentinels.len();
        match named.into_iter().max_by_key(|(_, agree)| *agree) {
            Some((address, agree)) if agree > asked / 2 => Ok((self.client(&address)?, Sentinels { asked, agree })),
            Some(_) | None => Err((ErrorKind::Client, "the majority of its sentinels names no primary").into()),
        }
    }

    /// The address that the sentinel names, if it answers and knows one.
    async fn ask(&self, sentinel: &str) -> Option<String> {
        let question = async {
            let mut link = connect(&Client::open(format!("redis://{sentinel}/"))?).await?;
            cmd("SENTINEL").arg("GET-MASTER-ADDR-BY-NAME").arg(&self.name).query_async(&mut link).await
        };
        let (host, port): (String, u16) = RedisResult::<Option<_>>::ok(question.await)??;
        let is_v6 = matches!(host.parse(), Ok(IpAddr::V6(_)));
        Some(if is_v6 { format!("[{host}]:{port}") } else { format!("{host}:{port}") })
    }
}

/// A connection that waits no longer than that for anything.
pub(super) async fn connect(server: &Client) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
    server.get_multiplexed_async_connection_with_config(&config).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(text: &str) -> Option<Watched> {
        match text.parse() {
            Ok(Url(Address::Watched(watched))) => Some(watched),
            Ok(Url(Address::Only(_))) | Err(_) => None,
        }
    }

    #[test]
    fn sentinels_a_name_and_a_database_are_read() {
        let url = "redis+sentinel://:hush@a:1,[::1]:2,c/m/3";
        let read = watched(url).unwrap();
        assert_eq!((&read.sentinels[..], &*read.name), (&["a:1", "[::1]:2", "c:26379"].map(String::from)[..], "m"));
        assert_eq!(read.around, ["redis://:hush@", "/3"].map(String::from));
        assert_eq!(url.parse::<Url>().unwrap().shown(), "redis+sentinel://a:1,[::1]:2,c:26379/m");
        assert_eq!(watched("redis+sentinel://a/m").unwrap().around[1], "/0");
    }

    #[test]
    fn an_address_without_sentinels_a_name_or_a_database_is_none() {
        for text in ["", "a", "/m", "a/", "a,,b/m", ":1/m", "a/m/first", "a/m/0/1"] {
            assert!(format!("{SENTINELS}{text}").parse::<Url>().is_err(), "{text}");
        }
    }
}
