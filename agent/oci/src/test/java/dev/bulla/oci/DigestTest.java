package dev.bulla.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
    private static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @Test
    void of_knownBytes_isTheStandardsValue() {
        assertThat(Digest.Algorithm.SHA256.of(new byte[0])).hasToString("sha256:" + EMPTY);
        assertThat(Digest.Algorithm.SHA512.of("abc".getBytes(StandardCharsets.US_ASCII)))
                .hasToString("sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sha256",
                "sha256:",
                EMPTY,
                "sha256:" + "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85",
                "sha256:" + EMPTY + "0",
                "sha256:" + "E3B0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "SHA256:" + EMPTY,
                "sha512:" + EMPTY,
                "md5:d41d8cd98f00b204e9800998ecf8427e",
                "sha384:" + EMPTY + "e3b0c44298fc1c149afbf4c8996fb924",
                "tarsum+sha256:" + EMPTY,
                "tarsum.v1+sha256:" + EMPTY,
                "sha256+b64:" + EMPTY,
                " sha256:" + EMPTY,
                "sha256:" + EMPTY + "\n",
                "sha256:../../../../../../../../../../../../../../../../../../../../../../pw",
                "sha256:\u0660\u066100c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            })
    void parse_anotherSpelling_isRefused(String text) {
        assertThatThrownBy(() -> Digest.parse(text))
                .isInstanceOf(OciException.class)
                .hasMessageStartingWith("digest \"")
                .hasMessageNotContaining("\n");
    }

    @Test
    void constructor_wrongLength_isRefused() {
        assertThatThrownBy(() -> new Digest(Digest.Algorithm.SHA512, EMPTY))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void parse_everySha256_roundTrips(@ForAll @Size(32) byte[] value) throws OciException {
        Digest digest = Digest.Algorithm.SHA256.fromBytes(value);
        assertThat(Digest.parse(digest.toString())).isEqualTo(digest);
        assertThat(digest.bytes()).isEqualTo(value);
    }

    @Property
    void parse_everySha512_roundTrips(@ForAll @Size(64) byte[] value) throws OciException {
        Digest digest = Digest.Algorithm.SHA512.fromBytes(value);
        assertThat(Digest.parse(digest.toString())).isEqualTo(digest);
        assertThat(digest.bytes()).isEqualTo(value);
    }
}
