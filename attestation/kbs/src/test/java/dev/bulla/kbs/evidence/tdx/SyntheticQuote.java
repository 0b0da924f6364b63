package dev.bulla.kbs.evidence.tdx;

import dev.bulla.attestation.protocol.HashAlgorithm;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;

/** Writes quotes of {@link SyntheticIntel}'s platform; what a test changes before {@link #build} is signed, what it changes after is not. */
final class SyntheticQuote {
    final byte[] header = new byte[TdxQuote.HEADER_SIZE];
    byte[] body = new byte[TdField.TDX_1_0_SIZE];
    final byte[] qeReport = new byte[QeReport.SIZE];
    byte[] authData = new byte[32];
    byte[] chain;
    KeyPair attestationKey = SyntheticIntel.keyPair();
    KeyPair quoteSigner = attestationKey;
    KeyPair qeSigner;
    boolean bindKey = true;
    int bodyType = TdxQuote.TDX_1_5;

    SyntheticQuote(SyntheticIntel intel) {
        this.qeSigner = intel.pckKey;
        this.chain = SyntheticIntel.pem(intel.chain().toArray(new X509Certificate[0]));
        set(header, 0, 4, 0, 2, 0);
        header[4] = (byte) 0x81;
        put(header, 12, HexFormat.of().parseHex("939a7233f79c4ca9940a0db3957f0607"));
        set(TdField.TCB_SVN, 5, 0, 3);
        set(TdField.TD_ATTRIBUTES, 0, 0, 0, 0x10);
        qeReport[48] = 0x15;
        put(qeReport, 128, QeIdentity.INTEL_TD_QE.mrSigner());
        set(qeReport, 256, 2, 0, 4, 0);
    }

    /** Makes this a quote of version 5 with a body of that type. */
    SyntheticQuote version5(int type) {
        header[0] = 5;
        bodyType = type;
        body = Arrays.copyOf(body, type == TdxQuote.TDX_1_5 ? TdField.TDX_1_5_SIZE : TdField.TDX_1_0_SIZE);
        return this;
    }

    SyntheticQuote set(TdField field, int... values) {
        set(body, field.offset(), values);
        return this;
    }

    SyntheticQuote set(TdField field, byte[] value) {
        put(body, field.offset(), value);
        return this;
    }

    static void set(byte[] target, int offset, int... values) {
        for (int i = 0; i < values.length; i++) {
            target[offset + i] = (byte) values[i];
        }
    }

    private static void put(byte[] target, int offset, byte[] value) {
        System.arraycopy(value, 0, target, offset, value.length);
    }

    byte[] build() {
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes(header);
        if (header[0] == 5) {
            signed.writeBytes(little(bodyType, 2));
            signed.writeBytes(little(body.length, 4));
        }
        signed.writeBytes(body);
        if (bindKey) {
            ByteArrayOutputStream bound = new ByteArrayOutputStream();
            bound.writeBytes(SyntheticIntel.point(attestationKey));
            bound.writeBytes(authData);
            put(qeReport, 320, HashAlgorithm.SHA256.digest(bound.toByteArray()));
        }
        ByteArrayOutputStream certification = new ByteArrayOutputStream();
        certification.writeBytes(qeReport);
        certification.writeBytes(SyntheticIntel.sign(qeSigner, qeReport));
        certification.writeBytes(little(authData.length, 2));
        certification.writeBytes(authData);
        certification.writeBytes(little(5, 2));
        certification.writeBytes(little(chain.length + 1, 4));
        certification.writeBytes(chain);
        certification.write(0);

        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.writeBytes(SyntheticIntel.sign(quoteSigner, signed.toByteArray()));
        data.writeBytes(SyntheticIntel.point(attestationKey));
        data.writeBytes(little(6, 2));
        data.writeBytes(little(certification.size(), 4));
        data.writeBytes(certification.toByteArray());

        ByteArrayOutputStream quote = new ByteArrayOutputStream();
        quote.writeBytes(signed.toByteArray());
        quote.writeBytes(little(data.size(), 4));
        quote.writeBytes(data.toByteArray());
        return quote.toByteArray();
    }

    private static byte[] little(int value, int size) {
        return Arrays.copyOf(
                ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(value)
                        .array(),
                size);
    }
}
