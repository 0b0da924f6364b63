package dev.bulla.ocicrypt;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.oci.OciException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Whatever an annotation holds, it is read or refused by an exception of this room. */
class OcicryptFuzzTest {

    @FuzzTest
    void annotations(byte[] input) {
        try {
            EncryptionAnnotations.parse(Map.of(
                    EncryptionAnnotations.PUBLIC_OPTIONS,
                    "eyJjaXBoZXIiOiJBRVNfMjU2X0NUUl9ITUFDX1NIQTI1NiIsImhtYWMiOiJBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBPSJ9",
                    EncryptionAnnotations.KEYS + "jwe",
                    new String(input, StandardCharsets.UTF_8)));
        } catch (MalformedEncryptionException e) {
            // refused
        }
    }

    @FuzzTest
    void options(byte[] input) {
        try {
            PublicOptions.parse(input);
        } catch (MalformedEncryptionException e) {
            // refused
        }
        try {
            PrivateOptions.parse(input).close();
        } catch (MalformedEncryptionException e) {
            // refused
        }
    }

    @FuzzTest
    void packet(byte[] input) {
        try {
            KbsPacket.parse(input);
        } catch (OciException e) {
            // refused
        }
    }

    @FuzzTest
    void jwe(byte[] input) throws KeyFormatException {
        JweKeyOpener opener = new JweKeyOpener(List.of(
                DecryptionKey.parse(TestFiles.skopeo("rsa.pem")), DecryptionKey.parse(TestFiles.skopeo("ec.pem"))));
        try {
            opener.open(JweKeyOpener.SCHEME, input);
        } catch (WrapRefusedException e) {
            // refused
        }
    }

    @FuzzTest
    void keyFile(byte[] input) {
        try {
            DecryptionKey.parse(input);
        } catch (KeyFormatException e) {
            // refused
        }
        try {
            EncryptionKey.parse(input);
        } catch (KeyFormatException e) {
            // refused
        }
    }
}
