package dev.bulla.composefs.signature;

import dev.bulla.oci.Digest;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** The hash functions that a signature may have; no other is believed. The JCA's name of each is its own. */
enum SignatureHash {
    SHA256,
    SHA384,
    SHA512;

    /** The one that goes with a digest when nothing else is said. */
    static SignatureHash of(Digest.Algorithm hash) {
        return switch (hash) {
            case SHA256 -> SHA256;
            case SHA512 -> SHA512;
        };
    }

    static Optional<SignatureHash> of(ASN1ObjectIdentifier identifier) {
        for (SignatureHash hash : values()) {
            if (hash.identifier().equals(identifier)) {
                return Optional.of(hash);
            }
        }
        return Optional.empty();
    }

    ASN1ObjectIdentifier identifier() {
        return switch (this) {
            case SHA256 -> NISTObjectIdentifiers.id_sha256;
            case SHA384 -> NISTObjectIdentifiers.id_sha384;
            case SHA512 -> NISTObjectIdentifiers.id_sha512;
        };
    }

    /** What ECDSA with this hash function is called. */
    ASN1ObjectIdentifier withEcdsa() {
        return switch (this) {
            case SHA256 -> X9ObjectIdentifiers.ecdsa_with_SHA256;
            case SHA384 -> X9ObjectIdentifiers.ecdsa_with_SHA384;
            case SHA512 -> X9ObjectIdentifiers.ecdsa_with_SHA512;
        };
    }
}
