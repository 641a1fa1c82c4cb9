#!/usr/bin/env python3
"""A stand-in for the Web eID application in command-line mode: keys and certificates lie beside the link that it is started through.

It checks its arguments strictly. The file `twist` changes one thing: cancel, other-key, other-nonce, other-person, other-origin, algorithm, silent.
"""
import base64, hashlib, json, os, subprocess, sys

folder = os.path.dirname(os.path.abspath(sys.argv[0]))
read = lambda name: open(os.path.join(folder, name), "rb").read()
twist = read("twist").decode() if os.path.exists(os.path.join(folder, "twist")) else ""


def fail(code, message):
    print(json.dumps({"error": {"code": code, "message": message}}))
    sys.exit(0)


def der(name):
    lines = read(name).decode().split("-----END CERTIFICATE-----")[0].split("-----BEGIN CERTIFICATE-----")[1].split()
    return "".join(lines)


def sign(key, digest):
    """r and s side by side, as Web eID gives them."""
    out = subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", os.path.join(folder, key)], input=digest, stdout=subprocess.PIPE, check=True).stdout
    at, halves = 2, []
    for _ in range(2):
        length = out[at + 1]
        halves.append(out[at + 2 : at + 2 + length].lstrip(b"\0").rjust(48, b"\0"))
        at += 2 + length
    return base64.b64encode(b"".join(halves)).decode()


assert sys.argv[1] == "-c" and len(sys.argv) == 4, sys.argv
command, arguments = sys.argv[2], json.loads(sys.argv[3])
if twist == "silent":
    sys.exit(1)
if twist == "cancel" and command != "get-signing-certificate":
    fail("ERR_WEBEID_USER_CANCELLED", "User cancelled")
if not arguments["origin"].startswith("https://") or arguments["origin"].endswith("/"):
    fail("ERR_WEBEID_NATIVE_FATAL", "Invalid origin")
who = "other." if twist == "other-person" else ""
if command == "get-signing-certificate" and set(arguments) == {"origin"}:
    algorithm = {"cryptoAlgorithm": "ECC", "hashFunction": "SHA-384", "paddingScheme": "NONE"}
    print(json.dumps({"certificate": der("sign.pem"), "supportedSignatureAlgorithms": [algorithm]}))
elif command == "authenticate" and set(arguments) == {"challengeNonce", "origin"}:
    nonce = arguments["challengeNonce"]
    if not 44 <= len(nonce) <= 128:
        fail("ERR_WEBEID_NATIVE_FATAL", "Invalid challengeNonce")
    origin = "https://bank.example" if twist == "other-origin" else arguments["origin"]
    hash_of = lambda text: hashlib.sha384(text.encode()).digest()
    nonce = "A" * 44 if twist == "other-nonce" else nonce
    signed = hashlib.sha384(hash_of(origin) + hash_of(nonce)).digest()
    key = "sign.key.pem" if twist == "other-key" else who + "login.key.pem"
    token = {"unverifiedCertificate": der(who + "login.pem"), "algorithm": "ES256" if twist == "algorithm" else "ES384"}
    print(json.dumps(token | {"signature": sign(key, signed), "format": "web-eid:1.0", "appVersion": "https://web-eid.eu/web-eid-app/releases/v2.5.0"}))
elif command == "sign" and set(arguments) == {"hash", "hashFunction", "origin", "certificate"}:
    digest = base64.b64decode(arguments["hash"])
    if arguments["hashFunction"] != "SHA-384" or len(digest) != 48 or arguments["certificate"] != der("sign.pem"):
        fail("ERR_WEBEID_NATIVE_FATAL", "Invalid arguments")
    print(json.dumps({"signature": sign("other.sign.key.pem" if twist == "other-key-sign" else "sign.key.pem", digest), "signatureAlgorithm": {}}))
else:
    fail("ERR_WEBEID_NATIVE_FATAL", "Invalid command")
