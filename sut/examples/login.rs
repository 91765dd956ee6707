//! One instance that logs in and prints what happens to it, until it is kicked or interrupted:
//! `cargo run -p sut --example login -- 127.0.0.1:8080 alice USERSIG [SDKAPPID] [IDENTITY]`
//!
//! The address may be `wss://server.example/v1/ws` as well; the variable `KICKPROOF_ROOTS` names a PEM file of authorities that are
//! trusted beside the known ones. With a file for its identity the instance is the same after a restart.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use sut::{Client, Event, Events, Identity, Platform, Refusal, TcpConnector};

const USAGE: &str = "usage: login ADDRESS USER USERSIG [SDKAPPID] [IDENTITY]";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("login: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let [address, user_id, user_sig, rest @ ..] = &std::env::args().skip(1).collect::<Vec<_>>()[..] else {
        return Err(USAGE.into());
    };
    let (client, mut events) = start(address, rest)?;
    client.login(user_id, user_sig).await.map_err(|refusal| why(&client, address, &refusal))?;
    print_until_kicked(&mut events).await;
    Ok(client.destroy().await?)
}

fn start(address: &str, rest: &[String]) -> Result<(Client, Events), Box<dyn Error>> {
    let bad = |id: &str| format!("{id:?} is no SDKAppID; 1400000000 would be one");
    let sdk_app_id = rest.first().map_or(Ok(1_400_000_000), |id| id.parse().map_err(|_| bad(id)))?;
    let builder = match rest.get(1) {
        Some(file) => Client::builder_of(Identity::load_or_create(Path::new(file), Platform::Web)?.options(sdk_app_id)),
        None => Client::builder(sdk_app_id, Platform::Web),
    };
    Ok(builder.connector(connector(address)?))
}

fn connector(address: &str) -> Result<TcpConnector, Box<dyn Error>> {
    let connector = TcpConnector::new(address)?;
    let Ok(file) = std::env::var("KICKPROOF_ROOTS") else {
        return Ok(connector);
    };
    let pem = std::fs::read(&file).map_err(|error| format!("{file}: the authorities cannot be read: {error}"))?;
    Ok(connector.trusting(&pem).map_err(|error| format!("{file}: {error}"))?)
}

/// A refusal, and what the link failed of if it did.
fn why(client: &Client, address: &str, refusal: &Refusal) -> String {
    match client.last_connect_error() {
        Some(error) => format!("{refusal}; {address}: {error}"),
        None => refusal.to_string(),
    }
}

async fn print_until_kicked(events: &mut Events) {
    while let Some(event) = events.next().await {
        println!("{event}");
        if matches!(event, Event::KickedOut { .. }) {
            return;
        }
    }
}
