package dev.bulla.kbs.config;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.KbsException;
import dev.bulla.kbs.token.CertificateTrust;
import dev.bulla.kbs.token.KeySet;
import dev.bulla.kbs.token.PemText;
import dev.bulla.kbs.token.TokenAnchors;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code [attestation_token]}: whose tokens are believed besides the KBS's own.
 *
 * @param keySets files of JWK sets
 * @param certificates files of trusted certificates
 * @param teeKeyPaths where tokens have the TEE's key
 * @param insecureHeaderJwk whether any key in a token's header is taken
 */
record TokenSettings(List<Path> keySets, List<Path> certificates, List<String> teeKeyPaths, boolean insecureHeaderJwk) {

    static TokenSettings read(Optional<JsonCursor> given, List<String> notes) throws JsonException {
        if (given.isEmpty()) {
            return new TokenSettings(List.of(), List.of(), List.of(), false);
        }
        JsonCursor.Members table = given.get().object();
        table.allowOnly("trusted_jwk_sets", "trusted_certs_paths", "extra_teekey_paths", "insecure_header_jwk");
        List<String> teeKeyPaths = Settings.texts(table, "extra_teekey_paths");
        for (String path : teeKeyPaths) {
            if (!path.startsWith("/")) {
                throw table.required("extra_teekey_paths").refuse("expected pointers that begin with /");
            }
        }
        boolean insecure = Settings.flag(table, "insecure_header_jwk", false);
        if (insecure) {
            notes.add("attestation_token.insecure_header_jwk: anybody can issue attestation tokens");
        }
        return new TokenSettings(
                Settings.paths(table, "trusted_jwk_sets"),
                Settings.paths(table, "trusted_certs_paths"),
                teeKeyPaths,
                insecure);
    }

    void apply(EmbeddedKbs.Builder builder, InstantSource time) throws KbsException {
        try {
            List<KeySet> sets = new ArrayList<>();
            for (Path file : keySets) {
                sets.add(KeySet.parse(Settings.read(file)));
            }
            List<X509Certificate> trusted = new ArrayList<>();
            for (Path file : certificates) {
                trusted.addAll(PemText.certificates(Settings.read(file)));
            }
            builder.tokenAnchors(new TokenAnchors(
                    trusted.isEmpty() ? Optional.empty() : Optional.of(new CertificateTrust(trusted, time)),
                    sets,
                    teeKeyPaths,
                    insecureHeaderJwk));
        } catch (KbsProtocolException e) {
            throw new KbsException("attestation_token: " + e.getMessage(), e);
        }
    }
}
