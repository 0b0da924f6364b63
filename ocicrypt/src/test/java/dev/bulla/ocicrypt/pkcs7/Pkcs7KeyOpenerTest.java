package dev.bulla.ocicrypt.pkcs7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.ocicrypt.DecryptionKey;
import dev.bulla.ocicrypt.LayerDecryptor;
import dev.bulla.ocicrypt.OcicryptException;
import dev.bulla.ocicrypt.OpenedLayer;
import dev.bulla.ocicrypt.TestFiles;
import dev.bulla.ocicrypt.WrapRefusedException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Pkcs7KeyOpenerTest {
    private static final byte[] OPTIONS = "{\"symkey\":\"x\"}".getBytes(StandardCharsets.US_ASCII);

    private final SecureRandom random = new SecureRandom();

    private Pkcs7KeyOpener opener(String... files) throws OcicryptException {
        List<DecryptionKey> keys = new ArrayList<>();
        for (String file : files) {
            keys.add(DecryptionKey.parse(TestFiles.skopeo(file)));
        }
        return new Pkcs7KeyOpener(keys, random);
    }

    private byte[] wrapped(String... certificates) throws Exception {
        List<X509Certificate> recipients = new ArrayList<>();
        for (String certificate : certificates) {
            recipients.add((X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(TestFiles.skopeo(certificate))));
        }
        return new Pkcs7KeyWrap(recipients, random).wrap(OPTIONS);
    }

    private static String refusal(Pkcs7KeyOpener opener, byte[] packet) {
        WrapRefusedException e = org.assertj.core.api.Assertions.catchThrowableOfType(
                WrapRefusedException.class, () -> opener.open("pkcs7", packet));
        assertThat(e).isNotNull();
        return e.getMessage();
    }

    @ParameterizedTest
    @CsvSource({"pkcs7, pkcs7.pem", "pkcs7-two, pkcs7.pem", "pkcs7-two, pkcs7-other.pem", "mixed, pkcs7.pem"})
    void open_skopeosLayer_givesThePlainLayer(String layer, String key) throws Exception {
        try (OpenedLayer opened =
                new LayerDecryptor(List.of(opener("ec.pem", key))).open(TestFiles.skopeoAnnotations(layer))) {
            assertThat(opened.decrypt(new ByteArrayInputStream(TestFiles.skopeo(layer + ".layer")))
                            .readAllBytes())
                    .isEqualTo(TestFiles.skopeo("plain.layer"));
            assertThat(opened.wrap()).isEqualTo("pkcs7");
        }
    }

    @Test
    void wrap_eachRecipientOpensIt_roundTrips() throws Exception {
        byte[] packet = wrapped("pkcs7.crt.pem", "pkcs7-other.crt.pem");
        assertThat(opener("pkcs7.pem").open("pkcs7", packet)).isEqualTo(OPTIONS);
        assertThat(opener("pkcs7-other.pem").open("pkcs7", packet)).isEqualTo(OPTIONS);
        assertThat(opener("rsa.pem", "pkcs7-other.pem").open("pkcs7", packet)).isEqualTo(OPTIONS);
    }

    @Test
    void open_wrongKeyOrChangedKeyOrChangedContent_oneFailure() throws Exception {
        byte[] packet = wrapped("pkcs7.crt.pem");
        String wrongKey = refusal(opener("rsa.pem"), packet);
        assertThat(wrongKey).contains("none of 1 RSA keys opens it for any of 1 recipients");
        byte[] content = packet.clone();
        content[packet.length - 1] ^= 1;
        assertThat(refusal(opener("pkcs7.pem"), content)).isEqualTo(wrongKey);
        // The transported key: the longest octet string, before the algorithm of the content.
        int algorithm = indexOf(packet, HexFormat.of().parseHex("06092a864886f70d010701"));
        byte[] key = packet.clone();
        key[algorithm - 20] ^= 1;
        assertThat(refusal(opener("pkcs7.pem"), key)).isEqualTo(wrongKey);
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int i = 0; i <= bytes.length - wanted.length; i++) {
            if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        throw new AssertionError("not there");
    }

    private static byte[] replaced(byte[] bytes, String from, String to) {
        byte[] result = bytes.clone();
        byte[] wanted = HexFormat.of().parseHex(from);
        byte[] replacement = HexFormat.of().parseHex(to);
        System.arraycopy(replacement, 0, result, indexOf(bytes, wanted), replacement.length);
        return result;
    }

    @Test
    void open_otherAlgorithms_refused() throws Exception {
        byte[] packet = wrapped("pkcs7.crt.pem");
        Pkcs7KeyOpener opener = opener("pkcs7.pem");
        // AES-128-CBC, a CMS type that is signed, a key algorithm that is OAEP, a tag of 12 bytes.
        assertThat(refusal(opener, replaced(packet, "060960864801650304010" + "6", "060960864801650304010" + "2")))
                .contains("another algorithm than AES-128-GCM");
        assertThat(refusal(opener, replaced(packet, "06092a864886f70d010703", "06092a864886f70d010702")))
                .contains("expected EnvelopedData");
        assertThat(refusal(opener, replaced(packet, "06092a864886f70d010101", "06092a864886f70d010107")))
                .contains("any of 0 recipients");
        assertThat(refusal(opener, replaced(packet, "020110", "02010c"))).contains("another nonce or tag");
    }

    @Test
    void open_everyByteChanged_neverSomethingElse() throws Exception {
        byte[] packet = wrapped("pkcs7.crt.pem");
        Pkcs7KeyOpener opener = opener("pkcs7.pem");
        for (int i = 0; i < packet.length; i++) {
            byte[] changed = packet.clone();
            changed[i] ^= 1;
            try {
                // Version, issuer and serial are not under the tag, and are not looked at.
                assertThat(opener.open("pkcs7", changed)).as("byte %d", i).isEqualTo(OPTIONS);
            } catch (WrapRefusedException e) {
                assertThat(e).hasMessageNotContaining("\n");
            }
        }
    }

    @Test
    void open_truncatedOrLonger_refused() throws Exception {
        byte[] packet = wrapped("pkcs7.crt.pem");
        Pkcs7KeyOpener opener = opener("pkcs7.pem");
        for (int length = 0; length < packet.length; length += 5) {
            assertThat(refusal(opener, Arrays.copyOf(packet, length))).contains("no EnvelopedData");
        }
        assertThat(refusal(opener, Arrays.copyOf(packet, packet.length + 1))).contains("no EnvelopedData");
    }

    @Test
    void opens_withoutAnRsaKey_doesNot() throws Exception {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new Pkcs7KeyWrap(List.of(), random));
        assertThat(opener("ec.pem").opens("pkcs7")).isFalse();
        assertThat(opener("pkcs7.pem").opens("pkcs7")).isTrue();
    }
}
