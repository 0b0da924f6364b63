package dev.bulla.ocicrypt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class LayerRoundTripTest {
    private final SecureRandom random = new SecureRandom();

    @Property(tries = 200)
    void encryptThenDecrypt_anyLayer_givesItBack(
            @ForAll @Size(max = 3000) byte[] plain,
            @ForAll @Size(32) byte[] key,
            @ForAll @IntRange(min = 1, max = 70) int chunk)
            throws Exception {
        ByteArrayOutputStream ciphertext = new ByteArrayOutputStream();
        EncryptedLayer layer = new LayerEncryptor(
                        List.of(
                                new JweKeyWrap(List.of(EncryptionKey.parse(TestFiles.skopeo("ec.pub.pem"))), random),
                                new KbsPacketWrap("kbs:///a/b/c", key, random)),
                        random)
                .encrypt(new ByteArrayInputStream(plain), ciphertext);

        assertThat(layer.size()).isEqualTo(plain.length);
        assertThat(layer.digest()).isEqualTo(Digest.Algorithm.SHA256.of(ciphertext.toByteArray()));
        for (KeyWrapOpener opener : List.of(
                new KbsPacketOpener((uri, limit) -> key.clone()),
                new JweKeyOpener(List.of(DecryptionKey.parse(TestFiles.skopeo("ec.pem")))))) {
            try (OpenedLayer opened = new LayerDecryptor(List.of(opener)).open(layer.annotations());
                    InputStream decrypted = opened.decrypt(new ByteArrayInputStream(ciphertext.toByteArray()))) {
                assertThat(inChunks(decrypted, chunk)).isEqualTo(plain);
                assertThat(opened.statedDigest()).contains(Digest.Algorithm.SHA256.of(plain));
            }
        }
    }

    private static byte[] inChunks(InputStream in, int chunk) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[chunk + 2];
        for (int got = in.read(buffer, 1, chunk); got >= 0; got = in.read(buffer, 1, chunk)) {
            out.write(buffer, 1, got);
        }
        return out.toByteArray();
    }
}
