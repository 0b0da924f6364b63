package dev.bulla.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.ocicrypt.KeyWrap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncryptionKeysTest {
    private static final String PROVIDER = "provider:attestation-agent:";

    @TempDir
    private Path folder = Path.of("set by the test engine");

    @BeforeEach
    void writeKeys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        Files.writeString(
                folder.resolve("ec.pub"),
                SigningKey.pem(
                        "PUBLIC KEY", generator.generateKeyPair().getPublic().getEncoded()));
        Files.write(folder.resolve("key"), new byte[32]);
        Files.write(folder.resolve("short"), new byte[31]);
    }

    private List<KeyWrap> read(String... texts) throws Exception {
        return EncryptionKeys.read(
                List.of(texts).stream()
                        .map(text -> text.replace("DIR", folder.toString()))
                        .toList(),
                new SecureRandom());
    }

    @Test
    void read_severalKeys_makesOneWrapOfAllJweRecipients() throws Exception {
        List<KeyWrap> wraps = read(
                PROVIDER + "keyid=kbs:///a/b/c::keypath=DIR/key",
                "jwe:DIR/ec.pub",
                "jwe:DIR/ec.pub",
                PROVIDER + "keypath=DIR/key::keyid=kbs:///a/b/d::algorithm=A256GCM");
        assertThat(wraps.stream().map(KeyWrap::scheme))
                .containsExactly("jwe", "provider.attestation-agent", "provider.attestation-agent");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "jwe",
                "jwe:DIR/none",
                "jwe:DIR/key",
                "pgp:someone@example.org",
                "provider:other:keyid=kbs:///a/b/c::keypath=DIR/key",
                PROVIDER,
                PROVIDER + "keyid=kbs:///a/b/c",
                PROVIDER + "keypath=DIR/key",
                PROVIDER + "keyid=kbs:///a/b/c::keypath=DIR/none",
                PROVIDER + "keyid=kbs:///a/b/c::keypath=DIR/short",
                PROVIDER + "keyid=kbs://host/a/b/c::keypath=DIR/key",
                PROVIDER + "keyid=kbs:///a/b/c::keypath=DIR/key::algorithm=A256CTR",
                PROVIDER + "keyid=kbs:///a/b/c::keypath=DIR/key::sample=true",
                PROVIDER + "keyid=kbs:///a/b/c::keypath=DIR/key::keypath=DIR/key"
            })
    void read_anythingElse_isRefused(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(UnusableKeyException.class)
                .hasMessageStartingWith("encryption key \"");
    }
}
