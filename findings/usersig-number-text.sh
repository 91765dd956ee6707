#!/usr/bin/env bash
# serde_json 1.0.154 (default features) beside JavaScript's numbers, as the generator npm tls-sig-api-v2 1.0.2 writes them.
#
# What is met: the generator signs the text of TLS.expire, and writes the number as JavaScript does: for 86400 * 1.1 a fraction of 16
# digits. A verifier in Rust reads the number into an f64 and writes it again to get the text that was signed.
#
# Guess: an f64 comes out of serde_json as it went in; JavaScript and Rust both write the shortest text that reads back as the same.
# Seen: of the texts for 86400 * 1.1 * days, 1 to 365 days, 14 come out as another number, so that a good signature would be called wrong.
#       With the feature `float_roundtrip`, or read by Rust's own `parse::<f64>`, each comes out as it went in.
#
# It needs Node, npm, cargo and a Rust toolchain. It fails if that is no longer so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund tls-sig-api-v2@1.0.2
cat > texts.js <<'JS'
const { Api } = require('tls-sig-api-v2');
const zlib = require('zlib');
const api = new Api(1400000000, 'key');
const base64 = sig => sig.replace(/\*/g, '+').replace(/-/g, '/').replace(/_/g, '=');
for (let days = 1; days <= 365; days++) {
  const json = zlib.inflateSync(Buffer.from(base64(api.genSig('alice', 86400 * 1.1 * days)), 'base64')).toString();
  const text = /"TLS.expire":([^,}]+)/.exec(json)[1];
  if (text.includes('.')) console.log(text);
}
JS
node texts.js > texts

probe() { # NAME FEATURES
  mkdir -p "$1/src"
  printf '[package]\nname = "probe"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\nserde_json = { version = "=1.0.154", features = [%s] }\n' "$2" > "$1/Cargo.toml"
  cat > "$1/src/main.rs" <<'RS'
use std::io::{stdin, BufRead};

fn main() {
    let (mut texts, mut by_serde, mut by_std) = (0, 0, 0);
    for text in stdin().lock().lines().map(Result::unwrap) {
        let number: f64 = serde_json::from_str(&text).unwrap();
        texts += 1;
        by_serde += usize::from(serde_json::to_string(&number).unwrap() != text);
        by_std += usize::from(text.parse::<f64>().unwrap().to_string() != text);
    }
    println!("{texts} fractions, {by_serde} changed by serde_json, {by_std} by std");
}
RS
  cargo run --quiet --manifest-path "$1/Cargo.toml" < texts
}
default=$(probe default '')
roundtrip=$(probe roundtrip '"float_roundtrip"')
{
  echo "default features: $default"
  echo "float_roundtrip: $roundtrip"
} | tee seen
diff seen - <<'SEEN'
default features: 365 fractions, 14 changed by serde_json, 0 by std
float_roundtrip: 365 fractions, 0 changed by serde_json, 0 by std
SEEN
echo "as it was"
