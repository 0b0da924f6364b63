package dev.bulla.kbs.evidence.tpm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** A paravisor's report to be made. */
public final class TestHcl {
    public String variableData;
    public int magic = 0x414C_4348;
    public int type = 2;
    public int hash = 1;
    public int excess;

    public TestHcl(RSAPublicKey key, byte[] reportData) {
        variableData = "{\"keys\":[" + jwk("HCLEkPub", key) + "," + jwk("HCLAkPub", key)
                + "],\"vm-configuration\":{\"secure-boot\":true},\"user-data\":\""
                + HexFormat.of().withUpperCase().formatHex(Arrays.copyOf(reportData, 64)) + "\"}";
    }

    public static String jwk(String id, RSAPublicKey key) {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        byte[] modulus = key.getModulus().toByteArray();
        return "{\"kid\":\"" + id + "\",\"key_ops\":[\"sign\"],\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\""
                + base64.encodeToString(Arrays.copyOfRange(modulus, modulus[0] == 0 ? 1 : 0, modulus.length)) + "\"}";
    }

    /** What the hardware's report data begin with. */
    public byte[] variableDataHash() throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(variableData.getBytes(StandardCharsets.UTF_8));
    }

    public byte[] bytes(byte[] hardwareReport) {
        byte[] data = variableData.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(32 + 1184 + 20 + data.length + 7).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(magic).putInt(2);
        out.put(32, hardwareReport);
        out.putInt(32 + 1184 + 8, type).putInt(32 + 1184 + 12, hash).putInt(32 + 1184 + 16, data.length + excess);
        out.put(32 + 1184 + 20, data);
        return out.array();
    }
}
