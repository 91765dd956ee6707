//! etcd over its JSON gateway: keys and values, and transactions that compare before they write. It knows no record.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rand::random;
use serde_json::{Value, json};
use sut::registry::Unreachable;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// A link to a member.
pub(super) struct Gateway {
    http: Client<HttpConnector, Full<Bytes>>,
    address: String,
    /// A key of its own. Every transaction compares how often it was written, so that writing it makes void what is still under way.
    fence: Vec<u8>,
    fenced: AtomicU64,
    /// Whether the answer to a transaction did not come.
    is_undecided: AtomicBool,
}

/// What a key holds.
pub(super) struct Found {
    pub(super) value: Vec<u8>,
    /// When it was written last.
    revision: String,
}

/// How a transaction ended.
pub(super) enum Sent {
    Done,
    /// Something compared differently. Nothing was written.
    Refused,
    /// It was written whole, or nothing was and nothing will be once [`Gateway::settle`] has returned.
    Unknown,
}

/// A question that could not be asked, or whose answer did not come.
struct Unanswered {
    was_sent: bool,
    why: String,
}

impl Gateway {
    pub(super) async fn open(address: String) -> Result<Gateway, Unreachable> {
        let http = Client::builder(TokioExecutor::new()).build_http();
        let fence = [b"fence/", &random::<[u8; 16]>()[..]].concat();
        let gateway = Gateway { http, address, fence, fenced: AtomicU64::new(0), is_undecided: AtomicBool::new(true) };
        gateway.settle().await?;
        Ok(gateway)
    }

    /// Makes void every transaction whose answer did not come.
    pub(super) async fn settle(&self) -> Result<(), Unreachable> {
        if self.is_undecided.load(Ordering::SeqCst) {
            let put = json!({ "key": base64(&self.fence), "value": "" });
            self.ask("kv/put", &put).await.map_err(unreachable)?;
            let found = self.ask("kv/range", &json!({ "key": base64(&self.fence) })).await.map_err(unreachable)?;
            let version = found["kvs"][0]["version"].as_str().and_then(|version| version.parse().ok());
            self.fenced.store(version.ok_or_else(|| Unreachable("the fence is gone".to_owned()))?, Ordering::SeqCst);
            self.is_undecided.store(false, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Writes all of it if everything compares equal.
    pub(super) async fn transact(&self, mut compare: Vec<Value>, success: Vec<Value>) -> Result<Sent, Unreachable> {
        self.settle().await?;
        let fenced = self.fenced.load(Ordering::SeqCst).to_string();
        compare.push(json!({ "key": base64(&self.fence), "target": "VERSION", "version": fenced, "result": "EQUAL" }));
        match self.ask("kv/txn", &json!({ "compare": compare, "success": success })).await {
            Ok(answer) if answer["succeeded"] == true => Ok(Sent::Done),
            Ok(_) => Ok(Sent::Refused),
            Err(unanswered) if unanswered.was_sent => {
                self.is_undecided.store(true, Ordering::SeqCst);
                Ok(Sent::Unknown)
            }
            Err(unanswered) => Err(unreachable(unanswered)),
        }
    }

    /// Writes all of it, whatever is there.
    pub(super) async fn must(&self, writes: Vec<Value>) -> Result<(), Unreachable> {
        self.ask("kv/txn", &json!({ "success": writes })).await.map(drop).map_err(unreachable)
    }

    /// What the keys hold, at one moment.
    pub(super) async fn ranges<const N: usize>(&self, keys: [&[u8]; N]) -> Result<[Option<Found>; N], Unreachable> {
        let ranges: Vec<_> = keys.iter().map(|key| json!({ "requestRange": { "key": base64(key) } })).collect();
        let answer = self.ask("kv/txn", &json!({ "success": ranges })).await.map_err(unreachable)?;
        Ok(std::array::from_fn(|place| found(&answer["responses"][place]["response_range"]["kvs"][0])))
    }

    /// The first key of a range, and what it holds.
    pub(super) async fn first(&self, from: &[u8], to: &[u8]) -> Result<Option<(Vec<u8>, Vec<u8>)>, Unreachable> {
        let range = json!({ "key": base64(from), "range_end": base64(to), "limit": "1" });
        let answer = self.ask("kv/range", &range).await.map_err(unreachable)?;
        let first = &answer["kvs"][0];
        Ok(first["key"].as_str().map(|_| (bytes(&first["key"]), bytes(&first["value"]))))
    }

    /// The keys of a range, in their order.
    pub(super) async fn keys(&self, from: &[u8], to: &[u8]) -> Result<Vec<Vec<u8>>, Unreachable> {
        let range = json!({ "key": base64(from), "range_end": base64(to), "keys_only": true });
        let answer = self.ask("kv/range", &range).await.map_err(unreachable)?;
        Ok(answer["kvs"].as_array().into_iter().flatten().map(|found| bytes(&found["key"])).collect())
    }

    /// Deletes a key; what it held.
    pub(super) async fn take(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Unreachable> {
        let answer = self.ask("kv/deleterange", &json!({ "key": base64(key), "prev_kv": true })).await.map_err(unreachable)?;
        Ok(found(&answer["prev_kvs"][0]).map(|found| found.value))
    }

    /// Has every value told that is written to the key from now on, until nobody listens.
    pub(super) async fn watch(&self, key: &[u8]) -> Result<mpsc::UnboundedReceiver<Vec<u8>>, Unreachable> {
        let body = json!({ "create_request": { "key": base64(key) } });
        let answer = self.http.request(self.request("watch", &body)).await.map_err(|error| Unreachable(error.to_string()))?;
        let (tell, told) = mpsc::unbounded_channel();
        let mut lines = Lines { body: answer.into_body(), read: Vec::new() };
        let created = lines.next().await.filter(|line| line["result"]["created"] == true);
        created.ok_or_else(|| Unreachable("nothing is watched".to_owned()))?;
        tokio::spawn(async move {
            while let Some(line) = lines.next().await {
                let events = line["result"]["events"].as_array().into_iter().flatten();
                if events.map(|event| bytes(&event["kv"]["value"])).any(|value| tell.send(value).is_err()) {
                    return;
                }
            }
        });
        Ok(told)
    }

    /// What puts the key with a lease of its own, of whole seconds.
    pub(super) async fn put_leased(&self, key: &[u8], lease: Duration) -> Result<Value, Unreachable> {
        let granted = json!({ "TTL": lease.as_secs().max(1).to_string() });
        let granted = self.ask("lease/grant", &granted).await.map_err(unreachable)?;
        Ok(json!({ "requestPut": { "key": base64(key), "value": "", "lease": granted["ID"] } }))
    }

    /// Renews the lease that a key has. Whether there is such a key.
    pub(super) async fn renew(&self, key: &[u8]) -> Result<bool, Unreachable> {
        let found = self.ask("kv/range", &json!({ "key": base64(key) })).await.map_err(unreachable)?;
        let lease = &found["kvs"][0]["lease"];
        if lease.is_null() {
            return Ok(false);
        }
        let renewed = self.ask("lease/keepalive", &json!({ "ID": lease })).await.map_err(unreachable)?;
        Ok(!renewed["result"]["TTL"].is_null())
    }

    fn request(&self, what: &str, body: &Value) -> Request<Full<Bytes>> {
        let request = Request::post(format!("http://{}/v3/{what}", self.address)).body(Full::from(body.to_string()));
        request.expect("an address and a word are an address")
    }

    async fn ask(&self, what: &str, body: &Value) -> Result<Value, Unanswered> {
        let request = self.request(what, body);
        let lost = |why: String| Unanswered { was_sent: true, why };
        let answer = timeout(PATIENCE, self.http.request(request)).await.map_err(|late| lost(late.to_string()))?;
        let answer = answer.map_err(|error| Unanswered { was_sent: !error.is_connect(), why: error.to_string() })?;
        let is_ok = answer.status().is_success();
        let body = answer.into_body().collect().await.map_err(|error| lost(error.to_string()))?.to_bytes();
        if !is_ok {
            return Err(lost(String::from_utf8_lossy(&body).into_owned()));
        }
        serde_json::from_slice(&body).map_err(|error| lost(error.to_string()))
    }
}

/// The lines of an answer that goes on, each in JSON.
struct Lines {
    body: Incoming,
    read: Vec<u8>,
}

impl Lines {
    /// `None` behind the last.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<_> = self.read.drain(..=end).collect();
                return serde_json::from_slice(&line).ok();
            }
            if let Ok(data) = self.body.frame().await?.ok()?.into_data() {
                self.read.extend_from_slice(&data);
            }
        }
    }
}

/// That a key was not written since it was found so.
pub(super) fn unchanged(key: &[u8], found: Option<&Found>) -> Value {
    let revision = found.map_or("0", |found| &found.revision);
    json!({ "key": base64(key), "target": "MOD", "modRevision": revision, "result": "EQUAL" })
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn unreachable(unanswered: Unanswered) -> Unreachable {
    Unreachable(unanswered.why)
}

fn found(pair: &Value) -> Option<Found> {
    let revision = pair["mod_revision"].as_str()?.to_owned();
    Some(Found { value: bytes(&pair["value"]), revision })
}

fn bytes(text: &Value) -> Vec<u8> {
    STANDARD.decode(text.as_str().unwrap_or_default()).expect("the gateway tells base64")
}
