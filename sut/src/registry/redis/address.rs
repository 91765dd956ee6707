//! Where a registry's primary is: at the only address that is known, where the majority of its sentinels says, or where the majority of a
//! cluster's servers says that its slot is. It links to no primary.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use futures_util::future::join_all;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, IntoConnectionInfo, RedisError, RedisResult, cmd};

use super::cluster::{Cluster, Slot};
use super::primary::PATIENCE;
use crate::registry::Sentinels;

/// Where a Redis server is, as in `redis://127.0.0.1:6379/0`, where its sentinels are, as in
/// `redis+sentinel://127.0.0.1:26379,127.0.0.1:26380/mymaster/0`, or where servers of a cluster are, as in
/// `redis+cluster://127.0.0.1:7000,127.0.0.1:7001,127.0.0.1:7002`. It may hold a password, and is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Url(Address);

#[derive(Clone, PartialEq, Eq)]
enum Address {
    Only(String),
    Watched(Watched),
    Cluster(Hosts),
}

/// A primary with sentinels.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Watched {
    sentinels: Hosts,
    /// What they call the primary.
    name: String,
}

/// Who is asked where a primary is.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Hosts {
    /// Each with its port.
    pub(super) asked: Vec<String>,
    /// What stands before and behind a server's host in its address.
    around: [String; 2],
}

/// Whom somebody names: what it is known by among those that are asked, and its address.
pub(super) type Naming = (String, String);

/// Who knows where the primaries are.
pub(super) enum Finder {
    Nobody(String),
    Sentinels(Watched),
    Cluster(Cluster),
}

/// Where sentinels and a cluster's servers are unless it is said.
const SENTINEL_PORT: u16 = 26379;
const SERVER_PORT: u16 = 6379;

const SENTINELS: &str = "redis+sentinel://";
const CLUSTER: &str = "redis+cluster://";

impl FromStr for Url {
    type Err = RedisError;

    fn from_str(text: &str) -> Result<Url, RedisError> {
        let read = |address: Option<Address>| address.ok_or_else(|| (ErrorKind::InvalidClientConfig, "it names no servers").into());
        if let Some(rest) = text.strip_prefix(SENTINELS) {
            return read(Watched::read(rest).map(Address::Watched)).map(Url);
        }
        if let Some(rest) = text.strip_prefix(CLUSTER) {
            return read(in_cluster(rest).map(Address::Cluster)).map(Url);
        }
        text.into_connection_info()?;
        Ok(Url(Address::Only(text.to_owned())))
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
            Address::Watched(Watched { sentinels, name }) => format!("{SENTINELS}{}/{name}", sentinels.asked.join(",")),
            Address::Cluster(servers) => format!("{CLUSTER}{}", servers.asked.join(",")),
        }
    }

    pub(super) const fn is_cluster(&self) -> bool {
        matches!(self.0, Address::Cluster(_))
    }

    pub(super) fn finder(&self) -> Finder {
        match &self.0 {
            Address::Only(url) => Finder::Nobody(url.clone()),
            Address::Watched(watched) => Finder::Sentinels(watched.clone()),
            Address::Cluster(servers) => Finder::Cluster(Cluster::of(servers.clone())),
        }
    }
}

impl Finder {
    /// Whether a primary may be another one later at which the former one answers all the same.
    pub(super) const fn may_name_another(&self) -> bool {
        !matches!(self, Finder::Nobody(_))
    }

    /// Where the primary of that slot is now, and how many say so.
    pub(super) async fn find(&self, slot: Slot) -> RedisResult<(Client, Sentinels)> {
        match self {
            Finder::Nobody(url) => Ok((Client::open(url.as_str())?, Sentinels::default())),
            Finder::Sentinels(watched) => {
                let said = join_all(watched.sentinels.asked.iter().map(|sentinel| watched.ask(sentinel))).await;
                watched.sentinels.agreed(said, "the majority of its sentinels names no primary")
            }
            Finder::Cluster(cluster) => {
                let said = cluster.said_of(slot).await;
                cluster.servers.agreed(said, "the majority of its servers names nobody who has its slot")
            }
        }
    }
}

impl Watched {
    fn read(rest: &str) -> Option<Watched> {
        let (hosts, path) = rest.split_once('/')?;
        let (name, database) = path.split_once('/').unwrap_or((path, "0"));
        let sentinels = Hosts::read(hosts, SENTINEL_PORT, database)?;
        (!name.is_empty()).then(|| Watched { sentinels, name: name.to_owned() })
    }

    /// Whom the sentinel names, if it answers and knows one: it knows a primary by its address.
    async fn ask(&self, sentinel: &str) -> Option<Naming> {
        let question = async {
            let mut link = connect(&Client::open(format!("redis://{sentinel}/"))?).await?;
            cmd("SENTINEL").arg("GET-MASTER-ADDR-BY-NAME").arg(&self.name).query_async(&mut link).await
        };
        let (host, port): (String, u16) = RedisResult::<Option<_>>::ok(question.await)??;
        let address = address(&host, port);
        Some((address.clone(), address))
    }
}

/// A cluster has one database.
fn in_cluster(rest: &str) -> Option<Hosts> {
    let (hosts, database) = rest.split_once('/').unwrap_or((rest, "0"));
    Hosts::read(hosts, SERVER_PORT, "0").filter(|_| ["", "0"].contains(&database))
}

impl Hosts {
    fn read(hosts: &str, port: u16, database: &str) -> Option<Hosts> {
        let (credentials, hosts) = hosts.rsplit_once('@').map_or(("", hosts), |(credentials, hosts)| (credentials, hosts));
        let at = if credentials.is_empty() { "" } else { "@" };
        let around = [format!("redis://{credentials}{at}"), format!("/{database}")];
        let has_port = |host: &str| host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let with_port = |host: &str| if has_port(host) { host.to_owned() } else { format!("{host}:{port}") };
        let hosts = Hosts { asked: hosts.split(',').map(with_port).collect(), around };
        let reads = |host: &String| !host.starts_with(':') && hosts.client(host).is_ok();
        hosts.asked.iter().all(reads).then_some(hosts)
    }

    pub(super) fn client(&self, address: &str) -> RedisResult<Client> {
        let [before, behind] = &self.around;
        Client::open(format!("{before}{address}{behind}"))
    }

    /// More than half of all that are asked have to agree: of two primaries no more than one is named so.
    fn agreed(&self, said: Vec<Option<Naming>>, if_not: &'static str) -> RedisResult<(Client, Sentinels)> {
        let mut named = BTreeMap::<_, Vec<_>>::new();
        for (whom, address) in said.into_iter().flatten() {
            named.entry(whom).or_default().push(address);
        }
        let asked = self.asked.len();
        let agreed = named.into_values().max_by_key(Vec::len).filter(|agreed| agreed.len() > asked / 2);
        match agreed.as_ref().and_then(|agreed| Some((agreed.len(), agreed.iter().min()?))) {
            Some((agree, address)) => Ok((self.client(address)?, Sentinels { asked, agree })),
            None => Err((ErrorKind::Client, if_not).into()),
        }
    }
}

pub(super) fn address(host: &str, port: u16) -> String {
    let is_v6 = matches!(host.parse(), Ok(IpAddr::V6(_)));
    if is_v6 { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
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
            Ok(Url(Address::Only(_) | Address::Cluster(_))) | Err(_) => None,
        }
    }

    #[test]
    fn sentinels_a_name_and_a_database_are_read() {
        let url = "redis+sentinel://:hush@a:1,[::1]:2,c/m/3";
        let read = watched(url).unwrap();
        assert_eq!((&read.sentinels.asked[..], &*read.name), (&["a:1", "[::1]:2", "c:26379"].map(String::from)[..], "m"));
        assert_eq!(read.sentinels.around, ["redis://:hush@", "/3"].map(String::from));
        assert_eq!(url.parse::<Url>().unwrap().shown(), "redis+sentinel://a:1,[::1]:2,c:26379/m");
        assert_eq!(watched("redis+sentinel://a/m").unwrap().sentinels.around[1], "/0");
    }

    #[test]
    fn an_address_without_sentinels_a_name_or_a_database_is_none() {
        for text in ["", "a", "/m", "a/", "a,,b/m", ":1/m", "a/m/first", "a/m/0/1"] {
            assert!(format!("{SENTINELS}{text}").parse::<Url>().is_err(), "{text}");
        }
    }

    #[test]
    fn servers_of_a_cluster_are_read() {
        let url: Url = "redis+cluster://:hush@a,b:7001".parse().unwrap();
        let Address::Cluster(Hosts { asked, around }) = &url.0 else { panic!("{}", url.shown()) };
        assert_eq!(
            (&asked[..], around),
            (&["a:6379", "b:7001"].map(String::from)[..], &["redis://:hush@", "/0"].map(String::from))
        );
        assert_eq!(url.shown(), "redis+cluster://a:6379,b:7001");
        for text in ["", "a,,b", ":1", "a/1", "a/0/0"] {
            assert!(format!("{CLUSTER}{text}").parse::<Url>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_primary_is_whom_more_than_half_of_all_that_are_asked_name_wherever_each_sees_it() {
        let hosts = Hosts::read("a,b,c", 1, "0").unwrap();
        let named = |whom: &str, address: &str| Some((whom.to_owned(), address.to_owned()));
        let agreed = |said: [Option<Naming>; 3]| {
            let (client, Sentinels { agree, .. }) = hosts.agreed(said.into(), "nobody").ok()?;
            Some((client.get_connection_info().addr().to_string(), agree))
        };
        assert_eq!(agreed([named("x", "h:2"), named("x", "g:2"), named("y", "f:1")]), Some(("g:2".to_owned(), 2)));
        assert_eq!(agreed([named("x", "h:2"), named("y", "f:1"), None]), None);
    }
}
