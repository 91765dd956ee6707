//! What every registry must do with the terms that an administrator sets (CONF-1). It is mounted as the contract is.

use sut::config::{Policy, TermsChange};
use sut::registry::TermsStore;
use sut::session::Platform;

use super::fresh;

/// A change of the policy and of the limit for Web.
fn web(limit: u8) -> TermsChange {
    TermsChange { policy: Some(Policy::TRIPLE), limits: vec![(Platform::Web, limit)] }
}

#[tokio::test]
async fn the_changes_set_last_stand_until_they_are_forgotten() {
    let registry = fresh().await;
    assert_eq!(registry.changed().await, Ok(None));
    for limit in [2, 10] {
        registry.set_changed(Some(web(limit))).await.unwrap();
        assert_eq!(registry.changed().await, Ok(Some(web(limit))));
    }
    for _ in 0..2 {
        registry.set_changed(None).await.unwrap();
        assert_eq!(registry.changed().await, Ok(None));
    }
}
