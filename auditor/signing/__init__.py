"""Signatures over bundles: Ed25519 in the file formats of minisign (https://jedisct1.github.io/minisign/). Pure."""
