package dev.bulla.kbs.evidence.tdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.eventlog.DigestAlgorithm;
import dev.bulla.attestation.protocol.eventlog.EventDigest;
import dev.bulla.attestation.protocol.eventlog.EventLog;
import dev.bulla.attestation.protocol.eventlog.EventLogEntry;
import dev.bulla.attestation.protocol.eventlog.EventType;
import dev.bulla.attestation.protocol.eventlog.TaggedEvent;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventLogClaimsTest {

    private static JsonCursor.Members claim(EventType type, byte[] data, EventDigest... digests) throws Exception {
        EventLogEntry entry = new EventLogEntry(1, type.value(), List.of(digests), data);
        return new JsonCursor(EventLogClaims.of(new EventLog(List.of(), List.of(entry))), "$")
                .array()
                .getFirst()
                .object();
    }

    private static String details(EventType type, byte[] data) throws Exception {
        return new String(
                JsonWriter.canonical(claim(type, data).required("details").value()), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "EV_EFI_ACTION|676f|{\"string\":\"go\"}",
                "EV_SEPARATOR|00000000|{}",
                "EV_EFI_GPT_EVENT|ff|{}",
                "EV_EFI_HANDOFF_TABLES2|0954647854 61626c6500 01000000|{\"string\":\"TdxTable\"}",
                "EV_EFI_PLATFORM_FIRMWARE_BLOB2|0300|",
                "EV_PLATFORM_CONFIG_FLAGS|41435049 20 44415441|{\"string\":\"ACPI DATA\"}",
                "EV_PLATFORM_CONFIG_FLAGS|61 10 62 00 0a 63|{\"string\":\"a bc\"}",
                "EV_PLATFORM_CONFIG_FLAGS|ff|{\"string\":\"\"}",
                "EV_IPL|4d6f6b4c69737400|{\"string\":\"MokList\"}",
                "EV_IPL|2e006c0069006e00750078000000|{\"string\":\"linux\"}",
                "EV_IPL|ff01|{\"string\":\"ff01\"}",
                "EV_IPL|2e00|",
                "EV_IPL|2e0000|",
                "EV_IPL|4d|",
                "EV_EVENT_TAG|ec223b8f0d0000004c696e757820696e6974726400|{\"string\":\"Linux initrd\"}",
                "EV_EVENT_TAG|ec223b8f0e0000004c696e757820696e6974726400|",
                "EV_EFI_ACTION|ff|",
                "EV_EFI_VARIABLE_DRIVER_CONFIG|61dfe48bca93d211aa0d00e098032b8c0200000000000000000000000000000050004b00"
                        + "|{\"unicode_name\":\"PK\",\"unicode_name_length\":2,\"variable_data\":\"\","
                        + "\"variable_data_length\":0,\"variable_name\":\"61dfe48b-ca93-d211-aa0d-00e098032b8c\"}",
                "EV_EFI_VARIABLE_BOOT|61dfe48bca93d211aa0d00e098032b8c020000000000000003000000000000004f004b000102"
                        + "|",
                "EV_EFI_VARIABLE_BOOT|61dfe48bca93d211aa0d00e098032b8cffffffffffffff7f00000000000000004f004b00|",
                "EV_EFI_VARIABLE_BOOT|61dfe48bca93d211aa0d00e098032b8c0100000000000000000000000000000000d8|",
            })
    void details_eachType_read(EventType type, String hex, String expected) throws Exception {
        byte[] data = HexFormat.of().parseHex(hex.replace(" ", ""));
        if (expected == null) {
            assertThatThrownBy(() -> details(type, data))
                    .isInstanceOf(EvidenceException.class)
                    .hasMessageContaining("entry 0 of the event log: ");
        } else {
            assertThat(details(type, data)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"image\":\"a b\"}|{\"image\":\"a b\"}",
                "not json|\"not json\"",
            })
    void details_ofTheAttestationAgent_inThreeParts(String content, String expected) throws Exception {
        byte[] text = ("example.com Pull " + content).getBytes(StandardCharsets.UTF_8);
        String details = details(EventType.EV_EVENT_TAG, new TaggedEvent(TaggedEvent.AAEL, text).toBytes());
        assertThat(details)
                .contains("\"data\":{\"content\":" + expected + ",\"domain\":\"example.com\",\"operation\":\"Pull\"}")
                .contains("\"unicode_name\":\"AAEL\"");
        byte[] twoParts = new TaggedEvent(TaggedEvent.AAEL, "a b".getBytes(StandardCharsets.UTF_8)).toBytes();
        assertThatThrownBy(() -> details(EventType.EV_EVENT_TAG, twoParts)).hasMessageContaining("three parts");
    }

    /** Else a guest could give what it has extended another text, and so another image. */
    @Test
    void details_ofTheAttestationAgent_notMeasured_refused() {
        byte[] said = new TaggedEvent(TaggedEvent.AAEL, "d PullImage good".getBytes(StandardCharsets.UTF_8)).toBytes();
        byte[] done = new TaggedEvent(TaggedEvent.AAEL, "d PullImage evil".getBytes(StandardCharsets.UTF_8)).toBytes();
        EventDigest measured = new EventDigest(DigestAlgorithm.SHA384, HashAlgorithm.SHA384.digest(done));
        assertThatThrownBy(() -> claim(EventType.EV_EVENT_TAG, said, measured))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining("AAEL whose digest is not of what it says");
    }

    @Test
    void digestMatchesEvent_onlyWhereEachDigestIsOfTheData() throws Exception {
        byte[] data = {1, 2};
        EventDigest sha384 = new EventDigest(DigestAlgorithm.SHA384, HashAlgorithm.SHA384.digest(data));
        EventDigest sha256 = new EventDigest(DigestAlgorithm.SHA256, HashAlgorithm.SHA256.digest(data));
        EventDigest other = new EventDigest(DigestAlgorithm.SHA256, new byte[32]);
        EventDigest unknown = new EventDigest(DigestAlgorithm.SM3, new byte[32]);
        assertThat(matches(data, sha384, sha256)).isTrue();
        assertThat(matches(data, sha384, other)).isFalse();
        assertThat(matches(data, sha384, unknown)).isFalse();
    }

    private static boolean matches(byte[] data, EventDigest... digests) throws Exception {
        return claim(EventType.EV_SEPARATOR, data, digests)
                .required("digest_matches_event")
                .bool();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "02010c00d041030a00000000|ACPI(PNP0A03,0)",
                "010106000401|Pci(4,1)",
                "030506000203|USB(2,3)",
                "030b2500001320f5fa77" + "0000000000000000000000000000000000000000000000000000"
                        + "01|Mac(001320F5FA77,0x01)",
                "030c1b000100a8c06400a8c00000bc0c0600010000000000000000|IPv4(192.168.0.100,TCP,Static,192.168.0.1)",
                "030c1b000100a8c06400a8c00000bc0c11000001000000ffffffff"
                        + "|IPv4(192.168.0.100,UDP,DHCP,192.168.0.1,1,4294967295)",
                "0315140000010203040506070001020304050607|FibreEx(0x0001020304050607,0x0001020304050607)",
                "04012a000f000000002800000000000000500300000000005e27f1007553d5439eb5de2add4c99320202"
                        + "|HD(15,GPT,00F1275E-5375-43D5-9EB5-DE2ADD4C9932,0x2800,0x35000)",
                "04012a0001000000000800000000000000e02e0000000000431202a0000000000000000000000000" + "0101"
                        + "|HD(1,MBR,0xa0021243,0x800,0x2ee000)",
                "04012a0000000000000800000000000000e02e0000000000431202a0000000000000000000000000" + "0101"
                        + "|HD(0,MBR,0xa0021243)",
                "0403140072f728144ab61e44b8c39ebdd7f893c7|VenMedia(1428F772-B64A-441E-B8C3-9EBDD7F893C7,)",
                "040412006b00650072006e0065006c000000|File(kernel)",
                "05010c008000000041424300|BBS(DEV,ABC,0)",
                "05010900f0ff010000|BBS(65520,,1)",
                "0302050007|Path(3,2,07)",
                "0101050007|Path(1,1,07)",
                "04040500" + "07|Path(4,4,07)",
            })
    void devicePath_eachNode_asText(String hex, String expected) throws Exception {
        assertThat(DevicePaths.text(HexFormat.of().parseHex(hex))).containsExactly(expected);
    }

    @Test
    void details_imageLoad_listsTheDevicePath() throws Exception {
        String load = "00".repeat(24) + "1000000000000000" + "010106000001" + "010106000200" + "7fff0400";
        assertThat(details(
                        EventType.EV_EFI_BOOT_SERVICES_APPLICATION,
                        HexFormat.of().parseHex(load)))
                .isEqualTo("{\"device_paths\":[\"Pci(0,1)\",\"Pci(2,0)\"]}");
        byte[] none = new byte[32];
        assertThat(details(EventType.EV_EFI_BOOT_SERVICES_APPLICATION, none)).isEqualTo("{}");
        byte[] tooLong = none.clone();
        tooLong[24] = 5;
        assertThatThrownBy(() -> details(EventType.EV_EFI_BOOT_SERVICES_APPLICATION, tooLong))
                .isInstanceOf(EvidenceException.class);
        for (String path : List.of("010103", "01010300", "01010700" + "0001")) {
            assertThatThrownBy(() -> DevicePaths.text(HexFormat.of().parseHex(path)))
                    .hasMessageContaining("device path");
        }
    }
}
