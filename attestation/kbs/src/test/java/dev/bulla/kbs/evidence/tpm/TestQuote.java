package dev.bulla.kbs.evidence.tpm;

import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** A quote to be made, good until something of it is ordered otherwise. */
public final class TestQuote {
    public static final int RSASSA = 0x14;
    public static final int RSAPSS = 0x16;
    public static final int ECDSA = 0x18;
    public static final int SHA256 = 0x0B;
    public static final int SHA384 = 0x0C;

    public final List<byte[]> registers = new ArrayList<>();
    public byte[] nonce;
    public int magic = 0xFF54_4347;
    public int type = 0x8018;
    public int safe = 1;
    public int banks = 1;
    public int bank = SHA256;
    public byte[] selection = {-1, -1, -1};
    public byte[] after = {};
    public String digest = "SHA-256";

    public TestQuote(byte[] nonce) {
        this.nonce = nonce;
        for (int i = 0; i < 24; i++) {
            byte[] value = new byte[32];
            Arrays.fill(value, (byte) i);
            registers.add(value);
        }
    }

    /** The register of initdata extended once. */
    public TestQuote extendedBy(byte[] initDataDigest) throws Exception {
        MessageDigest extended = MessageDigest.getInstance("SHA-256");
        extended.update(new byte[32]);
        registers.set(8, extended.digest(initDataDigest));
        return this;
    }

    /** The TPMS_ATTEST. */
    public byte[] message() throws Exception {
        MessageDigest values = MessageDigest.getInstance(digest);
        registers.forEach(values::update);
        ByteBuffer out = ByteBuffer.allocate(1024);
        out.putInt(magic).putShort((short) type);
        sized(out, new byte[34]);
        sized(out, nonce);
        out.putLong(7).putInt(1).putInt(2).put((byte) safe).putLong(0x20);
        out.putInt(banks).putShort((short) bank).put((byte) selection.length).put(selection);
        sized(out, values.digest());
        out.put(after);
        return Arrays.copyOf(out.array(), out.position());
    }

    public static void sized(ByteBuffer out, byte[] value) {
        out.putShort((short) value.length).put(value);
    }

    public static byte[] rsassa(byte[] message, PrivateKey key) throws Exception {
        Signature signer = Signature.getInstance("SHA256withRSA");
        signer.initSign(key);
        signer.update(message);
        return signer.sign();
    }

    public static byte[] rsapss(byte[] message, PrivateKey key, int salt) throws Exception {
        Signature signer = Signature.getInstance("RSASSA-PSS");
        signer.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, salt, 1));
        signer.initSign(key);
        signer.update(message);
        return signer.sign();
    }

    /** R and S, one after the other. */
    public static byte[] ecdsa(byte[] message, PrivateKey key, String algorithm) throws Exception {
        Signature signer = Signature.getInstance(algorithm + "withECDSAinP1363Format");
        signer.initSign(key);
        signer.update(message);
        return signer.sign();
    }

    /** A TPMT_SIGNATURE of these parts. */
    public static byte[] tpmt(int scheme, int hash, byte[]... parts) {
        ByteBuffer out = ByteBuffer.allocate(2048);
        out.putShort((short) scheme).putShort((short) hash);
        for (byte[] part : parts) {
            sized(out, part);
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    /** The quote's JSON in Azure's evidence. */
    public JsonObject azure(PrivateKey key) throws Exception {
        HexFormat hex = HexFormat.of();
        return JsonObject.builder()
                .put("signature", hex.formatHex(rsassa(message(), key)))
                .put("message", hex.formatHex(message()))
                .put("pcrs", pcrs())
                .build();
    }

    /** The quote's JSON in a TPM's evidence. */
    public JsonObject tpm(byte[] tpmt) throws Exception {
        return JsonObject.builder()
                .put("signature", Base64.getEncoder().encodeToString(tpmt))
                .put("message", Base64.getEncoder().encodeToString(message()))
                .put("pcrs", pcrs())
                .build();
    }

    private JsonArray pcrs() {
        return JsonArray.ofStrings(
                registers.stream().map(HexFormat.of()::formatHex).toList());
    }

    public static KeyPair ecKey(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }
}
