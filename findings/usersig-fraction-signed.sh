#!/usr/bin/env bash
# PyPI tls-sig-api-v2 1.1 and npm tls-sig-api-v2 1.0.2, for one account, key, second and `expire` of 86400 * 1.1.
#
# Guess: what a UserSig says in TLS.expire is what is signed; that the two generators sign alike and write alike goes without saying.
# Seen: both sign the text 95040.00000000001. Node's writes it, too; Python's writes 95040, and nobody who checks the signature over what is
#       written accepts it. With 86400 both write and sign the integer.
#
# It needs Node, npm and Python 3. It fails if that is no longer so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
npm install --silent --no-audit --no-fund tls-sig-api-v2@1.0.2
python3 -m venv venv
venv/bin/pip install --quiet tls-sig-api-v2==1.1

cat > generate.js <<'JS'
const { Api } = require('tls-sig-api-v2');
const api = new Api(1400000000, 'key');
for (const expire of [86400, 86400 * 1.1]) console.log(api.genSig('alice', expire));
JS
cat > generate.py <<'PY'
from TLSSigAPIv2 import TLSSigAPIv2
api = TLSSigAPIv2(1400000000, "key")
generate = getattr(api, "gen_sig", None) or api.genUserSig
for expire in (86400, 86400 * 1.1):
    print(generate("alice", expire))
PY
cat > judge.py <<'PY'
import base64, hashlib, hmac, json, sys, zlib

for line in sys.stdin:
    packed = line.strip().replace("*", "+").replace("-", "/").replace("_", "=")
    fields = json.loads(zlib.decompress(base64.b64decode(packed)), parse_float=str, parse_int=str)

    def signed(expire):
        text = "".join(f"TLS.{name}:{value}\n" for name, value in [
            ("identifier", "alice"), ("sdkappid", fields["TLS.sdkappid"]), ("time", fields["TLS.time"]), ("expire", expire)])
        return base64.b64encode(hmac.new(b"key", text.encode(), hashlib.sha256).digest()).decode() == fields["TLS.sig"]

    of = [expire for expire in ("86400", "95040", "95040.00000000001") if signed(expire)]
    print(f"  writes {fields['TLS.expire']}, signs {of[0] if of else 'something else'}")
PY
{
  echo "npm 1.0.2"; node generate.js | python3 judge.py
  echo "PyPI 1.1"; venv/bin/python generate.py | python3 judge.py
} | tee seen
diff seen - <<'SEEN'
npm 1.0.2
  writes 86400, signs 86400
  writes 95040.00000000001, signs 95040.00000000001
PyPI 1.1
  writes 86400, signs 86400
  writes 95040, signs 95040.00000000001
SEEN
echo "as it was"
