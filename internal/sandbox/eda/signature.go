package eda

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // what hmac_algo may name
	"crypto/sha1" //nolint:gosec // what hmac_algo may name
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
)

// hashes returns the hash with a name of Python's hashlib; nil if it is unknown here.
func hashes(algorithm string) func() hash.Hash {
	switch algorithm {
	case "md5":
		return md5.New
	case "sha1":
		return sha1.New
	case "sha224":
		return sha256.New224
	case "sha256":
		return sha256.New
	case "sha384":
		return sha512.New384
	case "sha512":
		return sha512.New
	case "sha3_256":
		return func() hash.Hash { return sha3.New256() }
	case "sha3_512":
		return func() hash.Hash { return sha3.New512() }
	}
	return nil
}

// sign returns the right signature of a body, in hex or base64.
func sign(algorithm, format, secret string, body []byte) string {
	made := hmac.New(hashes(algorithm), []byte(secret))
	_, _ = made.Write(body) // never fails
	if format == "base64" {
		return base64.StdEncoding.EncodeToString(made.Sum(nil))
	}
	return hex.EncodeToString(made.Sum(nil))
}

// sameSignature compares texts, as Python does, so that hex in capitals is a different signature.
func sameSignature(given, wanted string) bool { return hmac.Equal([]byte(given), []byte(wanted)) }
