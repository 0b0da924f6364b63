package dev.bulla.ocicrypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KbsPacketOpenerTest {
    private static final String SCHEME = KbsPacketOpener.SCHEME;
    private static final byte[] OPTIONS = "the private options".getBytes(StandardCharsets.US_ASCII);

    /** The key that the CoCo key provider's samples are made with, fixed in its source. */
    private static final byte[] SAMPLE_KEY =
            HexFormat.of().parseHex("d99b7705b0ba7a168295b3a3367270b0dd9b371bf514ca8b9ba7f0a33711daea");

    private final byte[] key = new byte[32];
    private final ResourceSource source = (uri, limit) -> {
        if (!uri.equals(URI.create("kbs:///default/key/1"))) {
            throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "no such resource");
        }
        return key.clone();
    };
    private final KbsPacketOpener opener = new KbsPacketOpener(source);

    private String packet() throws Exception {
        try (KbsPacketWrap wrap = new KbsPacketWrap("kbs:///default/key/1", key, new SecureRandom())) {
            return new String(wrap.wrap(OPTIONS), StandardCharsets.UTF_8);
        }
    }

    private byte[] open(String packet) throws WrapRefusedException {
        return opener.open(SCHEME, packet.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ocicrypt/sample_kbc_annotation.json", "annotation-packet-v1.json"})
    void parse_conformancePacket_isRead(String name) throws Exception {
        KbsPacket packet = KbsPacket.parse(TestFiles.coco(name));
        assertThat(packet.keyUri()).isEqualTo(URI.create("kbs:///default/key/1"));
        assertThat(packet.type()).isEqualTo(KbsPacket.WrapType.A256GCM);
    }

    @Test
    void open_conformancePacket_givesPrivateOptions() throws Exception {
        byte[] json = new KbsPacketOpener((uri, limit) -> SAMPLE_KEY.clone())
                .open(SCHEME, TestFiles.coco("ocicrypt/sample_kbc_annotation.json"));
        PrivateOptions.parse(json).close();
    }

    @Test
    void open_version1_givesTheOptions() throws Exception {
        assertThat(open(packet())).isEqualTo(OPTIONS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"version\":\"0.1.0\",\"provider\":\"kbs\",\"provider_settings\":{},\"annotations\":{}",
                "\"provider\":\"kbs\"",
                "\"provider_settings\":null,\"annotations\":{\"a\":\"b\"}"
            })
    void open_version2_givesTheOptions(String more) throws Exception {
        assertThat(open("{" + more + "," + packet().substring(1))).isEqualTo(OPTIONS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"version\":\"0.2.0\"",
                "\"version\":2",
                "\"provider\":\"aliyun\"",
                "\"provider\":\"\"",
                "\"provider_settings\":[]",
                "\"annotations\":\"\"",
                "\"kid\":\"kbs:///default/key/1\"",
                "\"Kid\":\"kbs:///default/key/2\"",
                "\"unknown\":1"
            })
    void open_otherMembers_isRefused(String more) throws Exception {
        String packet = "{" + more + "," + packet().substring(1);
        assertThatThrownBy(() -> open(packet)).isInstanceOf(WrapRefusedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kbs://attacker.example/default/key/1",
                "kbs://127.0.0.1:8080/default/key/1",
                "kbs:///default/key",
                "kbs:///default/key/1/2",
                "kbs:///default/../1",
                "kbs:///default/./1",
                "kbs:///default//1",
                "kbs:///default/key/1?plugin=x",
                "kbs:///default/key/1#x",
                "kbs:///default/key/%2e%2e",
                "kbs:///kbs:///kbs:///default/key/1",
                "kbs+plugin:///default/key/1",
                "KBS:///default/key/1",
                "file:///default/key/1",
                "http://default/key/1",
                "default/key/1",
                "/default/key/1",
                ""
            })
    void open_kidThatIsNoKbsKey_isRefused(String kid) throws Exception {
        String packet = packet().replace("kbs:///default/key/1", kid);
        assertThatThrownBy(() -> open(packet))
                .isInstanceOf(WrapRefusedException.class)
                .hasMessageContaining("expected kbs:///repository/type/tag");
    }

    @Test
    void open_kidWithSchemeTwice_isTheSameKey() throws Exception {
        assertThat(open(packet().replace("kbs:///", "kbs:///kbs:///"))).isEqualTo(OPTIONS);
    }

    @Test
    void open_keyThatIsNotThere_isRefusedWithTheSourcesReason() throws Exception {
        String packet = packet().replace("key/1", "key/2");
        assertThatThrownBy(() -> open(packet))
                .isInstanceOf(WrapRefusedException.class)
                .hasCauseInstanceOf(ResourceException.class);
    }

    @ParameterizedTest
    @CsvSource({"31", "33", "0", "44"})
    void open_keyOfAnotherLength_isRefused(int length) throws Exception {
        byte[] packet = packet().getBytes(StandardCharsets.UTF_8);
        KbsPacketOpener other = new KbsPacketOpener((uri, limit) -> new byte[length]);
        assertThatThrownBy(() -> other.open(SCHEME, packet))
                .isInstanceOf(WrapRefusedException.class)
                .hasMessageContaining("got " + length + " bytes");
    }

    @Test
    void open_anyByteFlipped_isRefused() throws Exception {
        byte[] packet = packet().getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < packet.length; i++) {
            byte[] changed = packet.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> opener.open(SCHEME, changed))
                    .as("byte %d", i)
                    .isInstanceOf(WrapRefusedException.class);
        }
    }

    @Test
    void open_counterMode_isRefusedUnlessAllowedByName() throws Exception {
        String data = Base64.getEncoder().encodeToString(OPTIONS);
        String iv = Base64.getEncoder().encodeToString(new byte[16]);
        String packet = "{\"kid\":\"kbs:///default/key/1\",\"wrapped_data\":\"" + data + "\",\"iv\":\"" + iv
                + "\",\"wrap_type\":\"A256CTR\"}";

        assertThatThrownBy(() -> open(packet))
                .isInstanceOf(WrapRefusedException.class)
                .hasMessageContaining("no integrity");
        assertThat(KbsPacketOpener.allowingUnauthenticatedPackets(source)
                        .open(SCHEME, packet.getBytes(StandardCharsets.UTF_8)))
                .hasSize(OPTIONS.length);
    }

    @ParameterizedTest
    @CsvSource({"A256GCM, 16", "A256GCM, 11", "A256CTR, 12", "a256gcm, 12", "'', 12"})
    void open_typeOrVectorOfWrongForm_isRefused(String type, int ivLength) {
        String iv = Base64.getEncoder().encodeToString(new byte[ivLength]);
        assertThatThrownBy(() -> open("{\"kid\":\"kbs:///default/key/1\",\"wrapped_data\":\"AAAA\",\"iv\":\"" + iv
                        + "\",\"wrap_type\":\"" + type + "\"}"))
                .isInstanceOf(WrapRefusedException.class);
    }

    @Test
    void parse_dataOverTheLimit_isRefused() throws Exception {
        String head = "{\"kid\":\"kbs:///default/key/1\",\"iv\":\""
                + Base64.getEncoder().encodeToString(new byte[12]) + "\",\"wrap_type\":\"A256GCM\",\"wrapped_data\":\"";
        Base64.Encoder base64 = Base64.getEncoder();
        KbsPacket.parse((head + base64.encodeToString(new byte[KbsPacket.MAX_WRAPPED]) + "\"}")
                .getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> open(head + base64.encodeToString(new byte[KbsPacket.MAX_WRAPPED + 1]) + "\"}"))
                .isInstanceOf(WrapRefusedException.class)
                .hasMessageContaining("expected at most");
    }

    @Test
    void wrap_badKeyOrKid_isRefused() {
        SecureRandom random = new SecureRandom();
        assertThatThrownBy(() -> new KbsPacketWrap("kbs:///default/key/1", new byte[31], random))
                .isInstanceOf(KeyFormatException.class);
        assertThatThrownBy(() -> new KbsPacketWrap("kbs://host/default/key/1", new byte[32], random))
                .isInstanceOf(KeyFormatException.class);
    }
}
