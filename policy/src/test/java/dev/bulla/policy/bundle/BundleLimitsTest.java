package dev.bulla.policy.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits at and over, and what protobuf's JSON leaves open. */
class BundleLimitsTest {
    private static final String STATEMENT =
            "{\"_type\":\"https://in-toto.io/Statement/v0.1\",\"subject\":[%s]," + "\"predicateType\":\"p\"}";

    private static byte[] bundle(String materialMore) {
        return ("{'mediaType':'" + BundleMaker.V0_3 + "','verificationMaterial':{'publicKey':{}" + materialMore
                        + "},'messageSignature':{'signature':'AAAA'}}")
                .replace('\'', '"')
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String items(String item, int count) {
        return String.join(",", Collections.nCopies(count, item));
    }

    private static void accepted(byte[] bundle) {
        assertThatCode(() -> SigstoreBundle.parse(bundle)).doesNotThrowAnyException();
    }

    private static void refused(byte[] bundle, String message) {
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(() -> SigstoreBundle.parse(bundle))
                .withMessageContaining(message);
    }

    @Test
    void parse_length_atAndOver() {
        byte[] small = bundle("");
        byte[] full = Arrays.copyOf(small, SigstoreBundle.MAX_LENGTH);
        Arrays.fill(full, small.length, full.length, (byte) ' ');
        accepted(full);
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(() -> SigstoreBundle.parse(Arrays.copyOf(full, full.length + 1)))
                .satisfies(e -> assertThat(e.check()).isEqualTo(SignatureCheck.LENGTH));
    }

    @Test
    void parse_witnesses_atAndOver() {
        String entry = "{'logId':{'keyId':'AAAA'},'kindVersion':{'kind':'k','version':'v'},'canonicalizedBody':'AAAA'}";
        String stamp = "{'signedTimestamp':'AAAA'}";
        String stamps = ",'timestampVerificationData':{'rfc3161Timestamps':[%s]}";
        int most = SigstoreBundle.MAX_WITNESSES;
        accepted(bundle(",'tlogEntries':[" + items(entry, most) + "]"));
        refused(bundle(",'tlogEntries':[" + items(entry, most + 1) + "]"), "limit 16");
        accepted(bundle(stamps.replace("%s", items(stamp, most))));
        refused(bundle(stamps.replace("%s", items(stamp, most + 1))), "limit 16");
        String hash = "'" + Base64.getEncoder().encodeToString(new byte[32]) + "'";
        String proof = ",'inclusionProof':{'rootHash':" + hash + ",'hashes':[%s]},'canonicalizedBody'";
        String withProof = ",'tlogEntries':[" + entry.replace(",'canonicalizedBody'", proof) + "]";
        accepted(bundle(withProof.replace("%s", items(hash, InclusionProof.MAX_HASHES))));
        refused(bundle(withProof.replace("%s", items(hash, InclusionProof.MAX_HASHES + 1))), "limit 63");
        refused(bundle(withProof.replace("%s", "'AAAA'")), "expected 32");
    }

    @Test
    void parse_bytes_atAndOver() {
        for (int length : new int[] {SigstoreBundle.MAX_SIGNATURE_LENGTH, SigstoreBundle.MAX_SIGNATURE_LENGTH + 1}) {
            byte[] json = new String(bundle(""), StandardCharsets.UTF_8)
                    .replace("AAAA", Base64.getEncoder().encodeToString(new byte[length]))
                    .getBytes(StandardCharsets.UTF_8);
            if (length == SigstoreBundle.MAX_SIGNATURE_LENGTH) {
                accepted(json);
            } else {
                refused(json, "limit 16384");
            }
        }
        String stamp = ",'timestampVerificationData':{'rfc3161Timestamps':[{'signedTimestamp':'%s'}]}";
        accepted(bundle(stamp.replace(
                "%s", Base64.getEncoder().encodeToString(new byte[SigstoreBundle.MAX_TIMESTAMP_LENGTH]))));
        refused(
                bundle(stamp.replace(
                        "%s", Base64.getEncoder().encodeToString(new byte[SigstoreBundle.MAX_TIMESTAMP_LENGTH + 1]))),
                "limit 65536");
    }

    @Test
    void parse_chain_atAndOverAndWithRoot() throws Exception {
        SigstoreInstance instance = new SigstoreInstance();
        String leaf = "{'rawBytes':'"
                + SigstoreInstance.base64(
                        instance.certificate(new SigstoreInstance.Leaf()).getEncoded())
                + "'}";
        String root = "{'rawBytes':'" + SigstoreInstance.base64(instance.fulcioRoot.getEncoded()) + "'}";
        accepted(chain(items(leaf, SigstoreBundle.MAX_CHAIN)));
        refused(chain(items(leaf, SigstoreBundle.MAX_CHAIN + 1)), "limit 8");
        refused(chain(leaf + "," + root), "a root certificate");
        refused(chain(""), "the chain is empty");
    }

    private static byte[] chain(String certificates) {
        return new String(bundle(""), StandardCharsets.UTF_8)
                .replace(BundleMaker.V0_3, BundleMaker.V0_1)
                .replace("\"publicKey\":{}", "\"x509CertificateChain\":{\"certificates\":[" + certificates + "]}")
                .replace('\'', '"')
                .getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'mediaType':'application/vnd.dev.sigstore.bundle.v0.3+json'}",
                "{'mediaType':'application/vnd.dev.sigstore.bundle.v0.3+json','verificationMaterial':{},"
                        + "'messageSignature':{'signature':''}}",
                "{'mediaType':'application/vnd.dev.sigstore.bundle.v0.3+json','verificationMaterial':{'publicKey':{}},"
                        + "'messageSignature':{'signature':'AAAA'},'dsseEnvelope':{}}",
                "{'mediaType':'application/vnd.dev.sigstore.bundle.v0.3+json','verificationMaterial':{'publicKey':{}},"
                        + "'dsseEnvelope':{'payload':'','payloadType':'','signatures':[]}}",
                "{'mediaType':'application/vnd.dev.sigstore.bundle.v0.3+json','verificationMaterial':{'publicKey':{}},"
                        + "'dsseEnvelope':{'payload':'','payloadType':'','signatures':[{'sig':''},{'sig':''}]}}",
                "{'mediaType':'application/vnd.dev.sigstore.bundle.v0.3+json','verificationMaterial':{'publicKey':{}},"
                        + "'messageSignature':{'signature':'AAAA'},'more':1}",
                "{'mediaType':'application/vnd.dev.sigstore.bundle.v0.3+json','verificationMaterial':{'publicKey':{}},"
                        + "'messageSignature':{'signature':'AAAA','signature':'AAAA'}}",
            })
    void parse_anotherForm_refused(String json) {
        refused(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "the bundle: ");
    }

    @Test
    void integer_stringOrNumber_same() throws Exception {
        assertThat(ProtoJson.integer(JsonCursor.parse("\"9223372036854775807\""), 0, Long.MAX_VALUE))
                .isEqualTo(ProtoJson.integer(JsonCursor.parse("9223372036854775807"), 0, Long.MAX_VALUE));
        for (String text : List.of("\"9223372036854775808\"", "\"-1\"", "\"01\"", "\"1.0\"", "1.0", "\"\"", "true")) {
            assertThatExceptionOfType(JsonException.class)
                    .as(text)
                    .isThrownBy(() -> ProtoJson.integer(JsonCursor.parse(text), 0, Long.MAX_VALUE));
        }
    }

    @Test
    void hashAlgorithm_nameOrNumber_same() throws Exception {
        assertThat(HashAlgorithm.proto(JsonCursor.parse("\"SHA2_512\""))).isEqualTo(HashAlgorithm.SHA512);
        assertThat(HashAlgorithm.proto(JsonCursor.parse("3"))).isEqualTo(HashAlgorithm.SHA512);
        for (String text : List.of("\"SHA3_256\"", "4", "0", "\"sha256\"")) {
            assertThatExceptionOfType(JsonException.class)
                    .as(text)
                    .isThrownBy(() -> HashAlgorithm.proto(JsonCursor.parse(text)));
        }
    }

    @Test
    void bytes_eitherAlphabetWithPaddingOrWithout_same() throws Exception {
        for (String text : List.of("+/+/+w==", "-_-_-w==", "+/+/+w", "-_-_-w")) {
            assertThat(ProtoJson.bytes(JsonCursor.parse("\"" + text + "\""), 4))
                    .containsExactly(0xfb, 0xff, 0xbf, 0xfb);
        }
        for (String text : List.of("+/+/+w=", "AA\\nAA", "A", "!!!!", "AAAAAAA=")) {
            assertThatExceptionOfType(JsonException.class)
                    .as(text)
                    .isThrownBy(() -> ProtoJson.bytes(JsonCursor.parse("\"" + text + "\""), 4));
        }
    }

    @Test
    void statement_subjects_atAndOver() throws Exception {
        String subject = "{\"digest\":{}}";
        assertThat(statement(items(subject, InTotoStatement.MAX_SUBJECTS)).subjects())
                .hasSize(InTotoStatement.MAX_SUBJECTS);
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(() -> statement(items(subject, InTotoStatement.MAX_SUBJECTS + 1)));
    }

    private static InTotoStatement statement(String subjects) throws SignatureRejectedException {
        return InTotoStatement.parse(new SigstoreBundle.Content.Envelope(
                InTotoStatement.PAYLOAD_TYPE,
                STATEMENT.replace("%s", subjects).getBytes(StandardCharsets.UTF_8),
                new byte[0]));
    }

    @Test
    void note_limits_atAndOver() throws Exception {
        String text = "log\n1\n" + Base64.getEncoder().encodeToString(new byte[32]) + "\n\n";
        String signature = "\u2014 log AAAAAAAA\n";
        assertThat(SignedNote.parse(text + signature.repeat(SignedNote.MAX_SIGNATURES))
                        .signatures())
                .hasSize(SignedNote.MAX_SIGNATURES);
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(() -> SignedNote.parse(text + signature.repeat(SignedNote.MAX_SIGNATURES + 1)));
        String padded = text.replace("log\n", "x".repeat(SignedNote.MAX_LENGTH - text.length() + 3) + "\n");
        assertThat(SignedNote.parse(padded).size()).isEqualTo(1);
        assertThatExceptionOfType(SignatureRejectedException.class).isThrownBy(() -> SignedNote.parse("x" + padded));
        for (String bad : List.of(
                "",
                text.strip(),
                text.replace("\n1\n", "\n01\n"),
                text.replace("\n1\n", "\n-1\n"),
                text.replace("\n1\n", "\n1234567890123456789\n"),
                text.replace("AAAA", "!AAA"),
                text.replace("AAAA", ""),
                text.replaceFirst("log", ""),
                text + "- log AAAAAAAA\n",
                text + "\u2014 log more AAAAAAAA\n",
                text + "\u2014  AAAAAAAA\n",
                text + "\u2014 log AAAA\n")) {
            assertThatExceptionOfType(SignatureRejectedException.class)
                    .as(bad)
                    .isThrownBy(() -> SignedNote.parse(bad))
                    .satisfies(e -> assertThat(e.check()).isEqualTo(SignatureCheck.LOG));
        }
    }

    @Test
    void trustedRoot_limits_atAndOver() throws Exception {
        String log = "{'baseUrl':'https://l','publicKey':{'rawBytes':'AAAA','validFor':{'start':"
                + "'2026-01-01T00:00:00Z'}},'logId':{'keyId':'AAAAAAAA'}}";
        assertThat(root("'tlogs':[" + items(log, TrustedRoot.MAX_INSTANCES) + "]")
                        .logs())
                .hasSize(TrustedRoot.MAX_INSTANCES)
                .allSatisfy(unknown -> assertThat(unknown.key()).isEmpty());
        for (String bad : List.of(
                "'tlogs':[" + items(log, TrustedRoot.MAX_INSTANCES + 1) + "]",
                "'tlogs':[" + log.replace("'start':'2026-01-01T00:00:00Z'", "") + "]",
                "'tlogs':[" + log.replace("2026-01-01T00:00:00Z", "2026-01-01") + "]",
                "'tlogs':[" + log.replace("AAAAAAAA", "AAAA") + "]",
                "'certificateAuthorities':[{'certChain':{'certificates':[]},'validFor':{'start':"
                        + "'2026-01-01T00:00:00Z'}}]",
                "'certificateAuthorities':[{'certChain':{'certificates':[{'rawBytes':'AAAA'}]},'validFor':{'start':"
                        + "'2026-01-01T00:00:00Z'}}]",
                "'more':[]")) {
            assertThatExceptionOfType(KeyMaterialException.class)
                    .as(bad)
                    .isThrownBy(() -> root(bad))
                    .withMessageContaining("the trusted root \"test\"");
        }
        String certificate =
                "{'rawBytes':'" + SigstoreInstance.base64(new SigstoreInstance().fulcioRoot.getEncoded()) + "'}";
        String chain = "'certificateAuthorities':[{'certChain':{'certificates':[%s]},'validFor':{'start':"
                + "'2026-01-01T00:00:00Z'}}]";
        TrustedRoot most = root(chain.replace("%s", items(certificate, TrustedRoot.MAX_CHAIN)));
        assertThat(most.certificateAuthorities().getFirst().belowRoot()).hasSize(TrustedRoot.MAX_CHAIN - 1);
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> root(chain.replace("%s", items(certificate, TrustedRoot.MAX_CHAIN + 1))))
                .withMessageContaining("limit 8");
        byte[] full = new byte[TrustedRoot.MAX_LENGTH + 1];
        Arrays.fill(full, (byte) ' ');
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> TrustedRoot.parse(full, "test"))
                .withMessageContaining("limit 262144");
    }

    private static TrustedRoot root(String members) throws KeyMaterialException {
        return TrustedRoot.parse(
                ("{'mediaType':'application/vnd.dev.sigstore.trustedroot+json;version=0.1'," + members + "}")
                        .replace('\'', '"')
                        .getBytes(StandardCharsets.UTF_8),
                "test");
    }
}
