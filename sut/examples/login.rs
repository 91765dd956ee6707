//! One instance that logs in and prints what happens to it:
//! `cargo run -p sut --example login -- 127.0.0.1:8080 alice USERSIG [SDKAPPID]`

use std::error::Error;
use std::sync::Arc;

use sut::client::{Client, TcpConnector, fresh_options};
use sut::session::Platform;
use sut::timers::SystemTime;

const USAGE: &str = "usage: login ADDRESS USER USERSIG [SDKAPPID]";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let [address, user_id, user_sig, rest @ ..] = &std::env::args().skip(1).collect::<Vec<_>>()[..] else {
        return Err(USAGE.into());
    };
    let sdk_app_id = rest.first().map_or(Ok(1_400_000_000), |id| id.parse())?;
    let options = fresh_options(sdk_app_id, Platform::Web);
    let (client, mut events) = Client::new(options, TcpConnector::new(address)?, Arc::new(SystemTime));
    client.login(user_id, user_sig).await.map_err(|refusal| refusal.to_string())?;
    while let Some(event) = events.next().await {
        println!("{event}");
    }
    Ok(())
}
