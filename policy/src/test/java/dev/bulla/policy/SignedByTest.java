package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.policy.openpgp.OpenPgpOwner;
import dev.bulla.policy.signature.SignatureCheck;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The requirement {@code signedBy}, from the policy's text to the decision. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SignedByTest {
    private static final Digest MANIFEST = Digest.Algorithm.SHA256.of(new byte[] {7});
    private static final Digest INDEX = Digest.Algorithm.SHA256.of(new byte[] {8});
    private static final Instant SIGNED = Instant.parse("2025-06-01T00:00:00Z");
    private static final String NAME = "example.com/app:1";

    private OpenPgpOwner owner;
    private OpenPgpOwner other;
    private StoredSignature good;

    @BeforeAll
    void signOnce() throws Exception {
        owner = OpenPgpOwner.ed25519();
        other = OpenPgpOwner.ed25519();
        good = signature(owner, payload(MANIFEST, NAME));
    }

    private static byte[] payload(Digest digest, String name) {
        return String.format(
                        Locale.ROOT,
                        "{\"critical\":{\"identity\":{\"docker-reference\":\"%s\"},\"image\":"
                                + "{\"docker-manifest-digest\":\"%s\"},\"type\":\"atomic container signature\"},"
                                + "\"optional\":{}}",
                        name,
                        digest)
                .getBytes(StandardCharsets.UTF_8);
    }

    private static StoredSignature signature(OpenPgpOwner by, byte[] payload) throws Exception {
        return SignatureBlob.read(by.message(payload, SIGNED));
    }

    private static String base64(byte[] bytes) {
        return "\"" + Base64.getEncoder().encodeToString(bytes) + "\"";
    }

    private String keyData() throws Exception {
        return "\"keyData\":" + base64(owner.ring());
    }

    private static Decision decide(String fields, Instant hostClock, StoredSignature... signatures) throws Exception {
        return decide(fields, hostClock, Optional.empty(), MANIFEST, signatures);
    }

    private static Decision decide(
            String fields, Instant hostClock, Optional<Digest> index, Digest signed, StoredSignature... signatures)
            throws Exception {
        Policy policy = parse(fields);
        PolicySubject subject = Subjects.docker(ImageReference.parse(NAME), MANIFEST, index, LayerEncryption.NONE);
        PolicyEvaluator evaluator = new PolicyEvaluator(policy, new FileResources(), Clocks.at(hostClock));
        SignatureSource source = (kind, digest) -> digest.equals(signed)
                ? Arrays.stream(signatures)
                        .filter(signature -> signature.kind() == kind)
                        .collect(Collectors.toList())
                : List.of();
        try {
            return evaluator.evaluate(subject, source).afterKeys(List.of());
        } catch (PolicyRejectedException e) {
            return e.decision();
        }
    }

    private static Policy parse(String fields) throws PolicyFormatException {
        String json = "{\"default\":[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\"," + fields + "}]}";
        return Policy.parse(json.getBytes(StandardCharsets.UTF_8), "test");
    }

    private static void accepted(String fields, StoredSignature... signatures) throws Exception {
        assertThat(decide(fields, Clocks.NOW, signatures).outcome()).isEqualTo("accept");
    }

    private static void refused(String fields, String reason, StoredSignature... signatures) throws Exception {
        Decision decision = decide(fields, Clocks.NOW, signatures);
        assertThat(decision.outcome()).isEqualTo("reject");
        RequirementDecision requirement = decision.requirements().getFirst();
        assertThat(requirement.outcome()).isNotEqualTo(RequirementOutcome.ALLOW);
        assertThat(requirement.reason()).contains(reason).doesNotContain("\n");
    }

    private void failsAt(SignatureCheck check, StoredSignature signature) throws Exception {
        Decision decision = decide(keyData(), Clocks.NOW, signature);
        assertThat(decision.requirements().getFirst().signatures().getFirst().failed())
                .contains(check);
    }

    @Test
    void evaluate_signed_acceptedWithItsSigner() throws Exception {
        Decision decision = decide(keyData(), Clocks.NOW, good);
        assertThat(decision.outcome()).isEqualTo("accept");
        RequirementDecision requirement = decision.requirements().getFirst();
        assertThat(requirement.signers().getFirst().id()).isEqualTo("openpgp:" + owner.fingerprint());
        assertThat(requirement.reason())
                .isEqualTo("signed by the OpenPGP key " + owner.fingerprint()
                        + " as example.com/app:1 (matchRepoDigestOrExact)");
    }

    @Test
    void evaluate_indexSigned_accepted() throws Exception {
        StoredSignature overIndex = signature(owner, payload(INDEX, NAME));
        assertThat(decide(keyData(), Clocks.NOW, Optional.of(INDEX), INDEX, overIndex)
                        .outcome())
                .isEqualTo("accept");
    }

    @Test
    void evaluate_atOtherClocks_refusedOnlyWhereTheSignatureWouldBeOfTheFuture() throws Exception {
        assertThat(decide(keyData(), Instant.EPOCH, good).outcome()).isEqualTo("accept"); // by the floor
        assertThat(decide(keyData(), Instant.parse("2100-01-01T00:00:00Z"), good)
                        .outcome())
                .isEqualTo("accept");
        StoredSignature later = SignatureBlob.read(owner.message(payload(MANIFEST, NAME), Clocks.BUILD.plusSeconds(1)));
        assertThat(decide(keyData(), Clocks.NOW, later).outcome()).isEqualTo("accept");
        assertThat(decide(keyData(), Instant.EPOCH, later).outcome()).isEqualTo("reject");
    }

    @Test
    void evaluate_notSigned_refused() throws Exception {
        refused(keyData(), "the image has no simple signing signature");
    }

    @Test
    void evaluate_eachCheck_failsAtIt() throws Exception {
        failsAt(SignatureCheck.SIGNATURE, signature(other, payload(MANIFEST, NAME)));
        failsAt(SignatureCheck.DIGEST, signature(owner, payload(INDEX, "example.com/other:1")));
        failsAt(SignatureCheck.IDENTITY, signature(owner, payload(MANIFEST, "example.com/other:1")));
        failsAt(SignatureCheck.PAYLOAD, signature(owner, "{}".getBytes(StandardCharsets.UTF_8)));
        String cosign = new String(payload(MANIFEST, NAME), StandardCharsets.UTF_8)
                .replace("atomic container signature", "cosign container image signature");
        failsAt(SignatureCheck.PAYLOAD, signature(owner, cosign.getBytes(StandardCharsets.UTF_8)));
        failsAt(
                SignatureCheck.FORMAT,
                new StoredSignature(StoredSignature.Kind.SIMPLE_SIGNING, "", payload(MANIFEST, NAME), Map.of()));
    }

    @Test
    void evaluate_oneGoodOfSeveral_accepted() throws Exception {
        accepted(keyData(), signature(other, payload(MANIFEST, NAME)), good);
    }

    @Test
    void evaluate_anyKeyRingUnreadable_refusedThoughAnotherMatches(@TempDir Path folder) throws Exception {
        Path ring = Files.write(folder.resolve("ring.gpg"), owner.ring());
        accepted("\"keyPaths\":[\"" + ring + "\"]", good);
        refused("\"keyPaths\":[\"" + ring + "\",\"" + folder.resolve("absent.gpg") + "\"]", "not to be had", good);
        Path noRing = Files.write(folder.resolve("no-ring.gpg"), new byte[] {1, 2, 3});
        refused("\"keyPaths\":[\"" + ring + "\",\"" + noRing + "\"]", "the key ring", good);
        refused("\"keyData\":" + base64(new byte[] {1, 2, 3}), "the key ring", good);
    }

    @Test
    void evaluate_noKeys_refused() throws Exception {
        refused("\"keyPaths\":[]", "the key rings have no OpenPGP key", good);
        refused("\"keyData\":\"\"", "the key rings have no OpenPGP key", good);
    }

    @ParameterizedTest
    @ValueSource(strings = {"signedByGPGKeys", "X509Certificates", "signedByX509CAs"})
    void evaluate_otherKeyType_refusedByName(String keyType) throws Exception {
        String json = "{\"default\":[{\"type\":\"signedBy\",\"keyType\":\"" + keyType + "\"," + keyData() + "}]}";
        PolicyEvaluator evaluator = new PolicyEvaluator(
                Policy.parse(json.getBytes(StandardCharsets.UTF_8), "test"), new FileResources(), Clocks.now());
        PolicySubject subject =
                Subjects.docker(ImageReference.parse(NAME), MANIFEST, Optional.empty(), LayerEncryption.NONE);
        assertThatExceptionOfType(PolicyRejectedException.class)
                .isThrownBy(() -> evaluator.evaluate(subject, (kind, digest) -> List.of(good)))
                .satisfies(
                        e -> assertThat(e.decision().requirements().getFirst().reason())
                                .contains("the keyType " + keyType));
    }

    @Test
    void evaluate_keyFingerprints_onlyThoseKeysCount() throws Exception {
        String rings = "\"keyData\":" + base64(concat(owner.ring(), other.ring())) + ",\"keyFingerprints\":";
        accepted(rings + "[\"" + owner.fingerprint() + "\"]", good);
        accepted(rings + "[\"" + owner.fingerprint().toLowerCase(Locale.ROOT) + "\"]", good);
        accepted(rings + "[\"" + other.fingerprint() + "\",\"" + owner.fingerprint() + "\"]", good);
        refused(rings + "[\"" + other.fingerprint() + "\"]", "which none of the 1 keys", good);
        refused(rings + "[\"" + "0".repeat(64) + "\"]", "none of the 2 keys of the key rings has a fingerprint", good);
    }

    private static byte[] concat(byte[] one, byte[] another) {
        byte[] both = Arrays.copyOf(one, one.length + another.length);
        System.arraycopy(another, 0, both, one.length, another.length);
        return both;
    }

    @Test
    void parse_malformedKeyFingerprints_refused() {
        String forty = "0123456789abcdef0123456789ABCDEF01234567";
        for (String list : List.of(
                "[]",
                "null",
                "\"" + forty + "\"",
                "[1]",
                "[\"\"]",
                "[\"" + forty.substring(1) + "\"]",
                "[\"" + forty + "0\"]",
                "[\"" + forty.replace('0', 'g') + "\"]",
                "[\"0123 4567 89ab cdef 0123  4567 89AB CDEF 0123 4567\"]",
                "[\"0x" + forty.substring(2) + "\"]",
                "[\"" + forty + "\",\"" + forty.toUpperCase(Locale.ROOT) + "\"]")) {
            assertThatExceptionOfType(PolicyFormatException.class)
                    .as(list)
                    .isThrownBy(() -> parse("\"keyPath\":\"/a\",\"keyFingerprints\":" + list))
                    .withMessageContaining("keyFingerprints");
        }
    }
}
