package dev.bulla.ocicrypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.bulla.oci.ResourceException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LayerDecryptorTest {
    private static final byte[] PLAIN =
            "a layer of which nothing may be believed before its end".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KEK = new byte[32];
    private static final String KID = "kbs:///default/key/1";

    private final SecureRandom random = new SecureRandom();
    private Map<String, String> annotations = Map.of();
    private byte[] ciphertext = new byte[0];

    @BeforeEach
    void encrypt() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EncryptedLayer layer = new LayerEncryptor(List.of(new KbsPacketWrap(KID, KEK, random)), random)
                .encrypt(new ByteArrayInputStream(PLAIN), out);
        annotations = layer.annotations();
        ciphertext = out.toByteArray();
    }

    private static LayerDecryptor decryptor() {
        return new LayerDecryptor(List.of(new KbsPacketOpener((uri, limit) -> {
            if (!uri.toString().equals(KID)) {
                throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "no such resource");
            }
            return KEK.clone();
        })));
    }

    private byte[] decrypt(Map<String, String> annotations, byte[] ciphertext) throws Exception {
        try (OpenedLayer layer = decryptor().open(annotations);
                InputStream plain = layer.decrypt(new ByteArrayInputStream(ciphertext))) {
            return plain.readAllBytes();
        }
    }

    private Map<String, String> with(String name, String value) {
        Map<String, String> changed = new LinkedHashMap<>(annotations);
        changed.put(name, value);
        return changed;
    }

    private Map<String, String> withPublicOptions(String json) {
        return with(EncryptionAnnotations.PUBLIC_OPTIONS, base64(json));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void decrypt_ownLayer_givesThePlaintext() throws Exception {
        assertThat(decrypt(annotations, ciphertext)).isEqualTo(PLAIN);
    }

    @Test
    void decrypt_byteForByte_givesThePlaintext() throws Exception {
        try (OpenedLayer layer = decryptor().open(annotations);
                InputStream plain = layer.decrypt(new ByteArrayInputStream(ciphertext))) {
            for (byte b : PLAIN) {
                assertThat(plain.read()).isEqualTo(b);
            }
            assertThat(plain.read()).isEqualTo(-1);
            assertThat(plain.read()).isEqualTo(-1);
        }
    }

    @Test
    void decrypt_anyByteOfCiphertextFlipped_throwsInPlaceOfTheEnd() {
        for (int i = 0; i < ciphertext.length; i++) {
            byte[] changed = ciphertext.clone();
            changed[i] ^= 1;
            assertThrows(LayerAuthenticationException.class, () -> decrypt(annotations, changed));
        }
    }

    @Test
    void decrypt_lastByteFlipped_neverReportsTheEnd() throws Exception {
        ciphertext[ciphertext.length - 1] ^= 1;
        try (OpenedLayer layer = decryptor().open(annotations);
                InputStream plain = layer.decrypt(new ByteArrayInputStream(ciphertext))) {
            byte[] buffer = new byte[4096];
            assertThat(plain.read(buffer)).isEqualTo(PLAIN.length);
            assertThatThrownBy(() -> plain.read(buffer)).isInstanceOf(LayerAuthenticationException.class);
            assertThatThrownBy(() -> plain.read(buffer)).isInstanceOf(LayerAuthenticationException.class);
            assertThatThrownBy(plain::read).isInstanceOf(LayerAuthenticationException.class);
        }
    }

    @Test
    void decrypt_ciphertextShorterOrLonger_throws() {
        byte[] shorter = java.util.Arrays.copyOf(ciphertext, ciphertext.length - 1);
        byte[] longer = java.util.Arrays.copyOf(ciphertext, ciphertext.length + 1);
        assertThrows(LayerAuthenticationException.class, () -> decrypt(annotations, shorter));
        assertThrows(LayerAuthenticationException.class, () -> decrypt(annotations, longer));
        assertThrows(LayerAuthenticationException.class, () -> decrypt(annotations, new byte[0]));
    }

    @Test
    void decrypt_anyCharacterOfAnnotationsFlipped_isRefused() {
        for (Map.Entry<String, String> annotation : annotations.entrySet()) {
            for (int i = 0; i < annotation.getValue().length(); i++) {
                StringBuilder changed = new StringBuilder(annotation.getValue());
                changed.setCharAt(i, (char) (changed.charAt(i) ^ 1));
                assertThatThrownBy(() -> decrypt(with(annotation.getKey(), changed.toString()), ciphertext))
                        .as("%s, character %d", annotation.getKey(), i)
                        .isInstanceOfAny(OcicryptException.class, LayerAuthenticationException.class);
            }
        }
    }

    @Test
    void decrypt_twice_isADefectOfTheCaller() throws Exception {
        OpenedLayer layer = decryptor().open(annotations);
        layer.decrypt(new ByteArrayInputStream(ciphertext)).close();
        assertThrows(IllegalStateException.class, () -> layer.decrypt(new ByteArrayInputStream(ciphertext)));
        layer.close();
        assertThat(layer.toString()).isEqualTo("OpenedLayer[provider.attestation-agent, redacted]");
    }

    @Test
    void open_noOpenerForTheScheme_isRefused() {
        NoKeyException refused =
                assertThrows(NoKeyException.class, () -> new LayerDecryptor(List.of()).open(annotations));
        assertThat(refused.refusals()).isEmpty();
    }

    @Test
    void open_otherProviderName_isRefused() {
        Map<String, String> renamed = new LinkedHashMap<>(annotations);
        String packet = renamed.remove(EncryptionAnnotations.KEYS + "provider.attestation-agent");
        renamed.put(EncryptionAnnotations.KEYS + "provider.attestation-agent2", packet == null ? "" : packet);
        assertThrows(NoKeyException.class, () -> decryptor().open(renamed));
    }

    @Test
    void open_publicNonceThatDiffers_isRefused() {
        String hmac = Base64.getEncoder().encodeToString(new byte[32]);
        String nonce = Base64.getEncoder().encodeToString(new byte[16]);
        assertThatThrownBy(() -> decryptor()
                        .open(withPublicOptions("{\"cipher\":\"AES_256_CTR_HMAC_SHA256\",\"hmac\":\"" + hmac
                                + "\",\"cipheroptions\":{\"nonce\":\"" + nonce + "\"}}")))
                .isInstanceOf(MalformedEncryptionException.class)
                .hasMessageContaining("another nonce");
    }

    @Test
    void open_firstWrapBroken_triesTheNext() throws Exception {
        String name = EncryptionAnnotations.KEYS + KbsPacketOpener.SCHEME;
        assertThat(decrypt(with(name, base64("{}") + "," + annotations.get(name)), ciphertext))
                .isEqualTo(PLAIN);
    }

    @Test
    void open_privateOptionsOfWrongForm_areANoKeyRefusal() {
        KeyWrapOpener opener = new KeyWrapOpener() {
            @Override
            public boolean opens(String scheme) {
                return true;
            }

            @Override
            public byte[] open(String scheme, byte[] packet) {
                return "{}".getBytes(StandardCharsets.US_ASCII);
            }
        };
        assertThatThrownBy(() -> new LayerDecryptor(List.of(opener)).open(annotations))
                .isInstanceOf(NoKeyException.class)
                .hasCauseInstanceOf(WrapRefusedException.class);
    }

    @Test
    void check_annotationsAgainstMediaType_mustAgree() throws Exception {
        EncryptionAnnotations.check(true, annotations);
        EncryptionAnnotations.check(false, Map.of("org.example", "x"));
        assertThrows(MalformedEncryptionException.class, () -> EncryptionAnnotations.check(false, annotations));
        assertThrows(MalformedEncryptionException.class, () -> EncryptionAnnotations.check(true, Map.of()));
        assertThrows(
                MalformedEncryptionException.class,
                () -> EncryptionAnnotations.check(
                        true,
                        Map.of(
                                EncryptionAnnotations.PUBLIC_OPTIONS,
                                annotations.getOrDefault(EncryptionAnnotations.PUBLIC_OPTIONS, ""))));
        Map<String, String> keysOnly = new LinkedHashMap<>(annotations);
        keysOnly.remove(EncryptionAnnotations.PUBLIC_OPTIONS);
        assertThrows(MalformedEncryptionException.class, () -> EncryptionAnnotations.check(true, keysOnly));
        assertThrows(MalformedEncryptionException.class, () -> EncryptionAnnotations.check(false, keysOnly));
    }

    @Test
    void parse_tooManyWraps_isRefused() throws Exception {
        String name = EncryptionAnnotations.KEYS + "jwe";
        String most = String.join(",", java.util.Collections.nCopies(EncryptionAnnotations.MAX_PACKETS - 1, "AAAA"));
        assertThat(EncryptionAnnotations.parse(with(name, most)).packets()).hasSize(EncryptionAnnotations.MAX_PACKETS);
        assertThrows(MalformedEncryptionException.class, () -> EncryptionAnnotations.parse(with(name, most + ",AAAA")));
    }

    @Test
    void parse_wrapOverTheLimit_isRefused() throws Exception {
        String name = EncryptionAnnotations.KEYS + "jwe";
        byte[] most = new byte[EncryptionAnnotations.MAX_PACKET_SIZE];
        EncryptionAnnotations.parse(with(name, Base64.getEncoder().encodeToString(most)));
        String over = Base64.getEncoder().encodeToString(new byte[EncryptionAnnotations.MAX_PACKET_SIZE + 4]);
        assertThrows(MalformedEncryptionException.class, () -> EncryptionAnnotations.parse(with(name, over)));
        assertThrows(MalformedEncryptionException.class, () -> EncryptionAnnotations.parse(with(name, "")));
    }

    @Test
    void withoutEncryption_keepsTheRest() {
        assertThat(EncryptionAnnotations.withoutEncryption(with("org.example", "x")))
                .isEqualTo(Map.of("org.example", "x"));
    }

    @Test
    void decrypt_sourceFails_isTheSourcesFailure() throws Exception {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the network");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                throw new IOException("the network");
            }
        };
        try (OpenedLayer layer = decryptor().open(annotations)) {
            assertThatThrownBy(() -> layer.decrypt(broken).readAllBytes())
                    .isInstanceOf(IOException.class)
                    .hasMessage("the network");
        }
    }
}
