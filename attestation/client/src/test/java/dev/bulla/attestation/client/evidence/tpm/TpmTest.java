package dev.bulla.attestation.client.evidence.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.util.Arrays;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TpmTest {
    private static final int READ_PUBLIC = 0x173;
    private static final int PCR_READ = 0x17E;
    private static final int QUOTE = 0x158;
    private static final int INDEX = 0x01400001;
    private static final int KEY = 0x81010002;
    private static final byte[] NONCE = {1, 2, 3};

    private final FakeTpm fake = new FakeTpm();

    private Tpm open() throws EvidenceUnavailableException {
        return Tpm.open(fake);
    }

    private static void refuses(ThrowingCallable call, String words) {
        assertThatThrownBy(call)
                .isInstanceOf(EvidenceUnavailableException.class)
                .message()
                .contains(words)
                .startsWith("tpm: ");
    }

    /** A response of that command with a byte changed. */
    private void change(int code, int position, int value) {
        fake.meddling = (sent, response) -> {
            if (sent == code) {
                response[position < 0 ? response.length + position : position] = (byte) value;
            }
            return response;
        };
    }

    private void answer(int code, byte[] response) {
        fake.meddling = (sent, real) -> sent == code ? response : real;
    }

    private static byte[] code(int code) {
        return ByteBuffer.allocate(10)
                .putShort((short) 0x8001)
                .putInt(10)
                .putInt(code)
                .array();
    }

    @Test
    void pcrs_eightAtATime_areAllRead() throws Exception {
        for (int pcr = 0; pcr < 24; pcr++) {
            fake.pcr(pcr)[0] = (byte) pcr;
        }
        try (Tpm tpm = open()) {
            assertThat(tpm.pcrs()).hasSize(24).allSatisfy(pcr -> assertThat(pcr).hasSize(32));
            assertThat(tpm.pcrs().get(23)[0]).isEqualTo((byte) 23);
        }
        assertThat(fake.opened()).isZero();
    }

    @Test
    void pcrs_noneGiven_isRefusedInsteadOfAskedForever() throws Exception {
        byte[] none = ByteBuffer.allocate(10 + 4 + 4 + 4)
                .putShort((short) 0x8001)
                .putInt(22)
                .array();
        answer(PCR_READ, none);
        try (Tpm tpm = open()) {
            refuses(tpm::pcrs, "of the SHA-256 bank");
        }
    }

    @Test
    void pcrs_otherThanAskedFor_areRefused() throws Exception {
        try (Tpm tpm = open()) {
            change(PCR_READ, 21, 0xFE); // seven of eight are said to be there
            refuses(tpm::pcrs, "with 8 values");
            change(PCR_READ, 19, 0x0C); // of another bank
            refuses(tpm::pcrs, "bank 12");
            change(PCR_READ, 29, 31); // a value of other length
            refuses(tpm::pcrs, "a PCR of 31 bytes");
        }
    }

    @Test
    void extend_pcr_changesIt() throws Exception {
        try (Tpm tpm = open()) {
            tpm.extend(16, new byte[32]);
        }
        assertThat(fake.pcr(16)).isNotEqualTo(new byte[32]);
        try (Tpm tpm = open()) {
            assertThatIllegalArgumentException().isThrownBy(() -> tpm.extend(24, new byte[32]));
            assertThatIllegalArgumentException().isThrownBy(() -> tpm.extend(-1, new byte[32]));
            assertThatIllegalArgumentException().isThrownBy(() -> tpm.extend(0, new byte[31]));
        }
    }

    @Test
    void quote_keyThatWasMade_isSignedByIt() throws Exception {
        try (Tpm tpm = open()) {
            Tpm.Key key = tpm.createAttestationKey();
            assertThat(key.publicKey()).isEqualTo(fake.publicKey());
            TpmQuote quote = tpm.quote(key, NONCE);
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initVerify(key.publicKey());
            signature.update(quote.message());
            assertThat(signature.verify(quote.rawSignature())).isTrue();
            tpm.flush(key.handle());
        }
        assertThat(fake.loaded()).isZero();
    }

    @Test
    void quote_pcrsThatChangeOnce_isTakenAgain() throws Exception {
        fake.keep(KEY);
        int[] reads = {0};
        fake.meddling = (sent, response) -> {
            if (sent == QUOTE && reads[0]++ == 0) {
                fake.pcr(9)[0] ^= 1;
            }
            return response;
        };
        try (Tpm tpm = open()) {
            assertThat(tpm.quote(tpm.persistentKey(KEY).orElseThrow(), NONCE).pcrs())
                    .hasSize(24);
        }
        assertThat(reads[0]).isEqualTo(2);
    }

    @Test
    void quote_pcrsThatKeepChanging_isRefused() throws Exception {
        fake.keep(KEY);
        fake.meddling = (sent, response) -> {
            if (sent == QUOTE) {
                fake.pcr(9)[0] ^= 1;
            }
            return response;
        };
        try (Tpm tpm = open()) {
            Tpm.Key key = tpm.persistentKey(KEY).orElseThrow();
            refuses(() -> tpm.quote(key, NONCE), "3 times");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 20, 60, 95})
    void quote_messageThatIsNotOurs_isRefused(int position) throws Exception {
        // in turn: the magic, the type, the nonce, the selection
        fake.keep(KEY);
        try (Tpm tpm = open()) {
            Tpm.Key key = tpm.persistentKey(KEY).orElseThrow();
            change(QUOTE, position, 0x77);
            refuses(() -> tpm.quote(key, NONCE), "quote");
        }
    }

    @Test
    void quote_otherSignatureScheme_isRefused() throws Exception {
        fake.keep(KEY);
        try (Tpm tpm = open()) {
            Tpm.Key key = tpm.persistentKey(KEY).orElseThrow();
            change(QUOTE, -(5 + 256 + 2 + 4) + 1, 0x16);
            refuses(() -> tpm.quote(key, NONCE), "expected RSASSA");
        }
    }

    @Test
    void quote_tpmThatRefuses_saysTheCode() throws Exception {
        fake.keep(KEY);
        try (Tpm tpm = open()) {
            Tpm.Key key = tpm.persistentKey(KEY).orElseThrow();
            answer(QUOTE, code(0x98E));
            refuses(() -> tpm.quote(key, NONCE), "TPM2_Quote: response code 0x98e");
        }
    }

    @Test
    void persistentKey_noneKept_isNothing() throws Exception {
        try (Tpm tpm = open()) {
            assertThat(tpm.persistentKey(KEY)).isEmpty();
        }
    }

    @Test
    void persistentKey_ofAnotherKind_isRefused() throws Exception {
        fake.keep(KEY);
        try (Tpm tpm = open()) {
            change(READ_PUBLIC, 13, 0x23);
            refuses(() -> tpm.persistentKey(KEY), "key type 35, expected RSA");
            change(READ_PUBLIC, 17, 0x04); // no longer restricted
            refuses(() -> tpm.persistentKey(KEY), "not a restricted signing key");
            change(READ_PUBLIC, 17, 0x01); // no longer for signing
            refuses(() -> tpm.persistentKey(KEY), "not a restricted signing key");
            change(READ_PUBLIC, 23, 6);
            refuses(() -> tpm.persistentKey(KEY), "symmetric cipher 6");
            change(READ_PUBLIC, 28, 4);
            refuses(() -> tpm.persistentKey(KEY), "1024 bits");
            change(READ_PUBLIC, 36, 0);
            refuses(() -> tpm.persistentKey(KEY), "modulus");
            change(READ_PUBLIC, 33, 2);
            refuses(() -> tpm.persistentKey(KEY), "no RSA key");
        }
    }

    @Test
    void createAttestationKey_thatIsNotAsAskedFor_isFlushed() throws Exception {
        try (Tpm tpm = open()) {
            change(0x131, 21, 0x04);
            refuses(tpm::createAttestationKey, "");
        }
        assertThat(fake.loaded()).isZero();
    }

    @Test
    void response_atEveryLength_isRefused() throws Exception {
        fake.keep(KEY);
        byte[][] whole = new byte[1][];
        fake.meddling = (sent, response) -> {
            whole[0] = response;
            return response;
        };
        try (Tpm tpm = open()) {
            tpm.persistentKey(KEY);
            int meaningful = whole[0].length - 4; // the name behind it is not read
            for (int length = 0; length < meaningful; length++) {
                byte[] cut = Arrays.copyOf(whole[0], length);
                answer(READ_PUBLIC, cut);
                refuses(() -> tpm.persistentKey(KEY), "TPM2_ReadPublic");
                if (length >= 10) {
                    byte[] consistent = cut.clone();
                    ByteBuffer.wrap(consistent).putInt(2, length);
                    answer(READ_PUBLIC, consistent);
                    refuses(() -> tpm.persistentKey(KEY), "");
                }
            }
        }
    }

    @Test
    void response_otherTagOrTooLong_isRefused() throws Exception {
        try (Tpm tpm = open()) {
            change(PCR_READ, 1, 2);
            refuses(tpm::pcrs, "response tag");
            answer(PCR_READ, new byte[TpmTransport.MAX_LENGTH + 1]);
            refuses(tpm::pcrs, "expected 10 to 4096");
        }
    }

    @Test
    void response_askingToSendAgain_isSentAgainAndThenRefused() throws Exception {
        int[] sent = {0};
        fake.meddling = (code, response) -> sent[0]++ < Tpm.MAX_SENDS - 1 ? code(0x922) : response;
        try (Tpm tpm = open()) {
            assertThat(tpm.pcrs()).hasSize(24);
            sent[0] = 0;
            fake.meddling = (code, response) -> {
                sent[0]++;
                return code(0x908);
            };
            refuses(tpm::pcrs, "response code 0x908");
            assertThat(sent[0]).isEqualTo(Tpm.MAX_SENDS);
        }
    }

    @Test
    void exchange_lost_isSaid() throws Exception {
        fake.broken = true;
        try (Tpm tpm = open()) {
            refuses(tpm::pcrs, "TPM2_PCR_Read: no answer");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 512, 513, 2600, 16384})
    void nvRead_eachLength_isWhole(int length) throws Exception {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = (byte) (i / 7);
        }
        fake.nv().put(INDEX, data);
        try (Tpm tpm = open()) {
            assertThat(tpm.nvRead(INDEX))
                    .hasValueSatisfying(read -> assertThat(read).isEqualTo(data));
        }
    }

    @Test
    void nvRead_beyondTheLimitOrAbsent_isRefusedOrNothing() throws Exception {
        fake.nv().put(INDEX, new byte[Tpm.MAX_NV + 1]);
        try (Tpm tpm = open()) {
            refuses(() -> tpm.nvRead(INDEX), "expected at most 16384");
            assertThat(tpm.nvRead(INDEX + 5)).isEmpty();
        }
    }

    @Test
    void nvRead_otherIndexOrShortChunk_isRefused() throws Exception {
        fake.nv().put(INDEX, new byte[4]);
        try (Tpm tpm = open()) {
            change(0x169, 15, 9);
            refuses(() -> tpm.nvRead(INDEX), "another index");
            change(0x14E, 15, 3);
            refuses(() -> tpm.nvRead(INDEX), "NV data of 3 bytes, expected 4");
        }
    }

    @Test
    void nvWrite_missingOrOfOtherSize_isDefinedAnew() throws Exception {
        try (Tpm tpm = open()) {
            tpm.nvWrite(INDEX, new byte[] {1, 2});
            tpm.nvWrite(INDEX, new byte[] {3, 4});
            tpm.nvWrite(INDEX, new byte[] {5, 6, 7});
            assertThatIllegalArgumentException().isThrownBy(() -> tpm.nvWrite(INDEX, new byte[0]));
            assertThatIllegalArgumentException().isThrownBy(() -> tpm.nvWrite(INDEX, new byte[513]));
        }
        assertThat(fake.commands())
                .containsExactly(
                        "define 1400001",
                        "write 1400001",
                        "write 1400001",
                        "undefine 1400001",
                        "define 1400001",
                        "write 1400001");
        assertThat(fake.nv()).containsExactlyInAnyOrderEntriesOf(Map.of(INDEX, new byte[] {5, 6, 7}));
    }

    @Test
    void deviceFile_oneWriteAndOneRead_areOneExchange(@TempDir Path folder) throws Exception {
        // A plain file shares its position between writing and reading, so what follows the command is the response.
        Path file = Files.write(folder.resolve("tpm"), new byte[] {0, 0, 7, 8, 9});
        try (TpmDeviceFile device = TpmDeviceFile.open(file)) {
            assertThat(device.exchange(new byte[] {1, 2})).containsExactly(7, 8, 9);
            assertThatThrownBy(() -> device.exchange(new byte[] {1})).hasMessageContaining("no response");
        }
        assertThat(file).hasBinaryContent(new byte[] {1, 2, 7, 8, 9, 1});
        refuses(() -> Tpm.open(() -> TpmDeviceFile.open(folder.resolve("absent"))), "absent");
    }
}
