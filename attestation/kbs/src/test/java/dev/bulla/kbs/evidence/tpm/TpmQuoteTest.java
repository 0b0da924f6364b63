package dev.bulla.kbs.evidence.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TpmQuoteTest {
    private static final byte[] NONCE = new byte[48];

    private static final KeyPair KEY = TestKeys.AK;

    static {
        Arrays.fill(NONCE, (byte) 7);
    }

    private static TpmQuote read(JsonObject json) throws Exception {
        return TpmQuote.parseTpm(JsonCursor.parse(JsonWriter.compact(json)));
    }

    private static byte[] rsassa(TestQuote quote) throws Exception {
        return TestQuote.tpmt(TestQuote.RSASSA, TestQuote.SHA256, TestQuote.rsassa(quote.message(), KEY.getPrivate()));
    }

    @Test
    void verify_goodQuote_givesTheClaims() throws Exception {
        TestQuote quote = new TestQuote(NONCE);
        VerifiedTpmQuote verified = read(quote.tpm(rsassa(quote))).verify(KEY.getPublic(), NONCE);
        assertThat(verified.reportData()).isEqualTo("07".repeat(48));
        assertThat(verified.initData()).isEqualTo("08".repeat(32));
        assertThat(verified.registers().members()).hasSize(24).containsKeys("pcr00", "pcr09", "pcr10", "pcr23");
        assertThat(JsonWriter.compact(verified.registers())).contains("\"pcr23\":\"" + "17".repeat(32) + "\"}");
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 32, 222})
    void verify_rsapss_takesTheSaltsOfTpmsOnly(int salt) throws Exception {
        TestQuote quote = new TestQuote(NONCE);
        byte[] signature = TestQuote.tpmt(
                TestQuote.RSAPSS, TestQuote.SHA256, TestQuote.rsapss(quote.message(), KEY.getPrivate(), salt));
        if (salt == 20) {
            refused(quote.tpm(signature), KEY, "it is not signed by the attestation key");
        } else {
            assertThat(read(quote.tpm(signature)).verify(KEY.getPublic(), NONCE))
                    .isNotNull();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "secp256r1, SHA256, 0x0B, SHA-256",
        "secp384r1, SHA384, 0x0C, SHA-384",
        "secp521r1, SHA512, 0x0D, SHA-512"
    })
    void verify_ecdsa_withTheHashOfTheSignature(String curve, String algorithm, int hash, String digest)
            throws Exception {
        KeyPair ec = TestQuote.ecKey(curve);
        TestQuote quote = new TestQuote(NONCE);
        quote.digest = digest;
        byte[] both = TestQuote.ecdsa(quote.message(), ec.getPrivate(), algorithm);
        byte[] r = Arrays.copyOf(both, both.length / 2);
        byte[] s = Arrays.copyOfRange(both, both.length / 2, both.length);
        JsonObject json = quote.tpm(TestQuote.tpmt(TestQuote.ECDSA, hash, r, s));
        assertThat(read(json).verify(ec.getPublic(), NONCE)).isNotNull();
        refused(quote.tpm(TestQuote.tpmt(TestQuote.ECDSA, hash, s, r)), ec, "it is not signed by the attestation key");
        byte[] larger = Arrays.copyOf(r, r.length + 1);
        larger[0] = 1;
        refused(
                quote.tpm(TestQuote.tpmt(TestQuote.ECDSA, hash, larger, s)),
                ec,
                "half a signature of more than " + 8 * r.length + " bits");
        refused(json, KEY, "the attestation key is not EC, and the signature is ECDSA");
    }

    private static void refused(JsonObject json, KeyPair key, String message) {
        assertThatThrownBy(() -> read(json).verify(key.getPublic(), NONCE))
                .isInstanceOf(EvidenceException.class)
                .hasMessageStartingWith("TPM ")
                .hasMessageContaining(message);
    }

    /** All of these are signed by the key. */
    @TestFactory
    Stream<DynamicTest> verify_messageThatSaysSomethingElse_isRefused() {
        return Stream.of(
                says("magic", q -> q.magic = 0xFF54_4348, "magic ff544348h, expected ff544347h, which a TPM writes"),
                says("certify", q -> q.type = 0x8017, "type 8017h, expected 8018h, a quote"),
                says("other nonce", q -> q.nonce = new byte[48], "the qualifying data is not that"),
                says("cut nonce", q -> q.nonce = Arrays.copyOf(NONCE, 32), "the qualifying data is not that"),
                says("filled nonce", q -> q.nonce = Arrays.copyOf(NONCE, 64), "the qualifying data is not that"),
                says("long nonce", q -> q.nonce = new byte[67], "extraData of 67 bytes, expected at most 66"),
                says("safe", q -> q.safe = 2, "safe 2, expected 0 or 1"),
                says("no bank", q -> q.banks = 0, "0 banks of registers, expected 1"),
                says("two banks", q -> q.banks = 2, "2 banks of registers, expected 1"),
                says("bank of SHA-1", q -> q.bank = 4, "registers of bank 4h, expected bh, that of SHA-256"),
                says("register missing", q -> q.selection = new byte[] {-1, -2, -1}, "expected all of 0 to 23"),
                says("register more", q -> q.selection = new byte[] {-1, -1, -1, 1}, "expected all of 0 to 23"),
                says("long selection", q -> q.selection = new byte[] {-1, -1, -1, 0, 0}, "selection of 5 bytes"),
                says("digest by another hash", q -> q.digest = "SHA-384", "it is of other values"),
                says("more", q -> q.after = new byte[1], "1 bytes after its end"));
    }

    private static DynamicTest says(String name, Consumer<TestQuote> change, String message) {
        return DynamicTest.dynamicTest(name, () -> {
            TestQuote quote = new TestQuote(NONCE);
            change.accept(quote);
            refused(quote.tpm(rsassa(quote)), KEY, message);
        });
    }

    @Test
    void verify_otherRegisters_areRefused() throws Exception {
        TestQuote quote = new TestQuote(NONCE);
        byte[] signature = rsassa(quote);
        String json = JsonWriter.compact(quote.tpm(signature));
        String swapped = json.replace(
                "\"" + "00".repeat(32) + "\",\"" + "01".repeat(32) + "\"",
                "\"" + "01".repeat(32) + "\",\"" + "00".repeat(32) + "\"");
        assertThat(swapped).isNotEqualTo(json);
        assertThatThrownBy(() -> TpmQuote.parseTpm(JsonCursor.parse(swapped)).verify(KEY.getPublic(), NONCE))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("TPM quote: it is of other values of the registers than these");
    }

    @Test
    void verify_otherSignature_isRefused() throws Exception {
        TestQuote quote = new TestQuote(NONCE);
        byte[] good = rsassa(quote);
        byte[] flipped = good.clone();
        flipped[good.length - 1] ^= 1;
        refused(quote.tpm(flipped), KEY, "it is not signed by the attestation key");
        refused(quote.tpm(good), TestKeys.OTHER, "it is not signed by the attestation key");
        refused(quote.tpm(good), TestKeys.rsa(1024), "the attestation key is not RSA of 2048 to 4096 bits");
        refused(quote.tpm(good), TestQuote.ecKey("secp256r1"), "the attestation key is not RSA");
        PublicKey largest = publicKey(TpmSignature.MAX_RSA_BITS);
        assertThatThrownBy(() -> read(quote.tpm(good)).verify(largest, NONCE))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("TPM quote: its signature is malformed");
        PublicKey larger = publicKey(TpmSignature.MAX_RSA_BITS + 1);
        assertThatThrownBy(() -> read(quote.tpm(good)).verify(larger, NONCE))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining("the attestation key is not RSA of 2048 to 4096 bits");
        byte[] wrongHash =
                TestQuote.tpmt(TestQuote.RSASSA, TestQuote.SHA384, TestQuote.rsassa(quote.message(), KEY.getPrivate()));
        refused(quote.tpm(wrongHash), KEY, "TPM quote: it");
        refused(quote.tpm(TestQuote.tpmt(TestQuote.RSASSA, TestQuote.SHA256, new byte[7])), KEY, "is malformed");
    }

    private static PublicKey publicKey(int bits) throws Exception {
        BigInteger modulus = BigInteger.ONE.shiftLeft(bits - 1).add(BigInteger.ONE);
        return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, BigInteger.valueOf(65537)));
    }

    @Test
    void verify_truncatedMessage_isRefusedEverywhere() throws Exception {
        byte[] whole = new TestQuote(NONCE).message();
        for (int size = 0; size < whole.length; size++) {
            byte[] part = Arrays.copyOf(whole, size);
            assertThatThrownBy(() -> TpmAttest.parse(part))
                    .isInstanceOf(EvidenceException.class)
                    .hasMessageStartingWith("TPM quote: it ends within ");
        }
        assertThat(TpmAttest.parse(whole).registers().cardinality()).isEqualTo(24);
    }

    @Test
    void parse_signature_isStrict() throws Exception {
        byte[] good = TestQuote.tpmt(TestQuote.ECDSA, TestQuote.SHA256, new byte[32], new byte[32]);
        assertThat(TpmSignature.parse(good)).isNotNull();
        for (int size = 0; size < good.length; size++) {
            byte[] part = Arrays.copyOf(good, size);
            assertThatThrownBy(() -> TpmSignature.parse(part))
                    .isInstanceOf(EvidenceException.class)
                    .hasMessageStartingWith("TPM signature: it ends within ");
        }
        assertThatThrownBy(() -> TpmSignature.parse(Arrays.copyOf(good, good.length + 1)))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("TPM signature: 1 bytes after its end");
        assertThatThrownBy(() -> TpmSignature.parse(TestQuote.tpmt(0x1A, TestQuote.SHA256)))
                .isInstanceOf(EvidenceException.class)
                .hasMessageStartingWith("TPM signature: scheme 001ah, expected 0014h (RSASSA)");
        assertThatThrownBy(() -> TpmSignature.parse(TestQuote.tpmt(TestQuote.RSASSA, 4, new byte[1])))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("TPM quote: hash algorithm 4h, expected SHA-256, SHA-384 or SHA-512");
        assertThatThrownBy(() -> TpmSignature.parse(new byte[TpmSignature.MAX_SIZE + 1]))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("TPM signature: 1025 bytes, expected at most 1024");
    }

    @TestFactory
    Stream<DynamicTest> parse_jsonOfAnotherShape_isRefused() {
        String value = "\"" + "05".repeat(32) + "\"";
        return Stream.of(
                shape(value + ",", "", "got 23 registers, expected 24"),
                shape(value, value + "," + value, "got 25 registers, expected 24"),
                shape(value, "\"" + "05".repeat(31) + "\"", "$.pcrs[5]: got 31 bytes, expected 32"),
                shape(value, "\"" + "05".repeat(33) + "\"", "$.pcrs[5]: got 66 digits, expected at most 64"),
                shape(value, "\"" + "0g".repeat(32) + "\"", "$.pcrs[5]: expected hexadecimal"),
                shape("\"message\":\"", "\"message\":\"!", "$.message: expected base64"),
                shape("{\"signature\"", "{\"ak\":1,\"signature\"", "unknown key \"ak\""));
    }

    private static DynamicTest shape(String from, String to, String message) {
        return DynamicTest.dynamicTest(message, () -> {
            TestQuote quote = new TestQuote(NONCE);
            String json = JsonWriter.compact(quote.tpm(rsassa(quote))).replace(from, to);
            assertThatThrownBy(() -> TpmQuote.parseTpm(JsonCursor.parse(json)))
                    .isInstanceOf(JsonException.class)
                    .hasMessageContaining(message);
        });
    }
}
