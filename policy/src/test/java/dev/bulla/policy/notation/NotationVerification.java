package dev.bulla.policy.notation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.Signer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;

/** Certificates, stores and envelopes that the tests of {@link NotationVerifier} share. */
abstract class NotationVerification {
    static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");
    static final Instant LATE = Instant.parse("2100-01-01T00:00:00Z");
    static final Instant STAMPED = Instant.parse("2026-03-01T12:00:05Z");
    static final Descriptor TARGET = Descriptor.of(
            MediaTypes.OCI_MANIFEST, Digest.Algorithm.SHA256.of("manifest".getBytes(StandardCharsets.UTF_8)), 1000);
    static final String SUBJECT = "C=US,ST=WA,O=acme,CN=signer";
    static final String SHA1 = OIWObjectIdentifiers.idSHA1.getId();

    final Minted root;
    final Minted issuing;
    final Minted leaf;
    final Minted tsaRoot;
    final Minted tsa;

    NotationVerification() throws Exception {
        root = Mint.authority("C=US,O=acme,CN=root").selfSigned();
        issuing = Mint.authority("C=US,O=acme,CN=issuing").by(root);
        leaf = Mint.leaf(SUBJECT).by(issuing);
        tsaRoot = Mint.authority("C=US,O=tsa,CN=root").selfSigned();
        tsa = Mint.tsa("C=US,O=tsa,CN=clock").by(tsaRoot);
    }

    static TrustedIdentities identities(String json) throws Exception {
        return TrustedIdentities.parse(JsonCursor.parse(json));
    }

    static VerificationLevel level(String members) throws Exception {
        return VerificationLevel.parse(JsonCursor.parse("{" + members + "}").object());
    }

    NotationTrust trust() throws Exception {
        return new NotationTrust(
                List.of(root.certificate()),
                List.of(),
                List.of(),
                RevocationLists.NONE,
                identities("[\"*\"]"),
                VerificationLevel.STRICT,
                TimestampVerification.ALWAYS);
    }

    NotationTrust withTsa(TimestampVerification when, byte[]... lists) throws Exception {
        NotationTrust trust = trust();
        return new NotationTrust(
                trust.ca(),
                trust.ca(),
                List.of(tsaRoot.certificate()),
                RevocationLists.parse(List.of(lists)),
                trust.identities(),
                trust.level(),
                when);
    }

    NotationTrust withLists(byte[]... lists) throws Exception {
        return withLevel(VerificationLevel.STRICT, lists);
    }

    NotationTrust withLevel(VerificationLevel level, byte[]... lists) throws Exception {
        NotationTrust trust = trust();
        return new NotationTrust(
                trust.ca(),
                trust.ca(),
                trust.tsa(),
                RevocationLists.parse(List.of(lists)),
                trust.identities(),
                level,
                trust.timestamps());
    }

    TestEnvelope good() {
        return TestEnvelope.x509(leaf, TARGET);
    }

    static Signer accepted(NotationTrust trust, Instant now, TestEnvelope envelope) throws Exception {
        Signer jws = new NotationVerifier(trust, now).verify(NotationEnvelope.JWS, envelope.jws(), TARGET);
        Signer cose = new NotationVerifier(trust, now).verify(NotationEnvelope.COSE, envelope.cose(), TARGET);
        assertThat(cose).isEqualTo(jws);
        return jws;
    }

    static void refused(SignatureCheck check, String message, NotationTrust trust, Instant now, TestEnvelope envelope)
            throws Exception {
        refused(check, message, trust, now, NotationEnvelope.JWS, envelope.jws());
        refused(check, message, trust, now, NotationEnvelope.COSE, envelope.cose());
    }

    static void refused(
            SignatureCheck check, String message, NotationTrust trust, Instant now, String mediaType, byte[] bytes) {
        SignatureRejectedException e = catchThrowableOfType(
                SignatureRejectedException.class,
                () -> new NotationVerifier(trust, now).verify(mediaType, bytes, TARGET));
        assertThat(e).as(mediaType).isNotNull();
        assertThat(e).hasMessageContaining(message).hasMessageNotContaining("\n");
        assertThat(e.check()).as(e.getMessage()).isEqualTo(check);
    }

    void refused(SignatureCheck check, String message, TestEnvelope envelope) throws Exception {
        refused(check, message, trust(), NOW, envelope);
    }

    TestEnvelope stamped(TestTsa by) {
        return good().timestamp(by::over);
    }

    TestTsa clock() {
        return new TestTsa(tsa, STAMPED);
    }
}
