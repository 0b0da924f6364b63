package dev.bulla.attestation.client.evidence.tpm;

import dev.bulla.attestation.protocol.HashAlgorithm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Answers the commands that we send, strictly: a command that it does not expect to the byte fails the test. What a real TPM
 * says to them is the peer test's.
 */
public final class FakeTpm implements TpmTransport.Source {
    private static final int OWNER = 0x40000001;
    private static final int ENDORSEMENT = 0x4000000B;
    private static final int TRANSIENT = 0x80000000;
    private static final int RC_HANDLE_1 = 0x18B;

    /** One for all: making one takes long. */
    private static final KeyPair KEYS = generate();

    private final byte[][] pcrs = new byte[24][32];
    private final Map<Integer, byte[]> nv = new TreeMap<>();
    private final List<Integer> persistent = new ArrayList<>();
    private int loaded;
    private int opened;
    private final List<String> commands = new ArrayList<>();

    /** Changes a response before it goes out; the first argument is the command's code. */
    public Meddling meddling = (code, response) -> response;

    /** Called when the report index is read, as the paravisor does. */
    public UnaryOperator<byte[]> onRead = bytes -> bytes;

    /** Whether no command gets an answer. */
    public boolean broken;

    /** How a response is changed. */
    public interface Meddling {
        byte[] apply(int code, byte[] response);
    }

    private static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public RSAPublicKey publicKey() {
        return (RSAPublicKey) KEYS.getPublic();
    }

    public byte[] pcr(int index) {
        return pcrs[index];
    }

    public Map<Integer, byte[]> nv() {
        return nv;
    }

    public void keep(int handle) {
        persistent.add(handle);
    }

    /** Keys that were made and not flushed. */
    public int loaded() {
        return loaded;
    }

    /** Ways that were opened and not closed. */
    public int opened() {
        return opened;
    }

    public List<String> commands() {
        return commands;
    }

    @Override
    public TpmTransport open() {
        opened++;
        return new TpmTransport() {
            @Override
            public byte[] exchange(byte[] command) throws IOException {
                if (broken) {
                    throw new IOException("no answer");
                }
                ByteBuffer in = ByteBuffer.wrap(command);
                boolean sessions = in.getShort() == (short) 0x8002;
                if (in.getInt() != command.length) {
                    throw new AssertionError("the command's length is wrong");
                }
                int code = in.getInt();
                return meddling.apply(code, answer(code, in, sessions));
            }

            @Override
            public void close() {
                opened--;
            }
        };
    }

    private byte[] answer(int code, ByteBuffer in, boolean sessions) {
        return switch (code) {
            case 0x131 -> createPrimary(in, sessions);
            case 0x173 -> readPublic(onlyHandle(in));
            case 0x165 -> flush(onlyHandle(in));
            case 0x17E -> readPcrs(in);
            case 0x182 -> extend(in, sessions);
            case 0x158 -> quote(in, sessions);
            case 0x169 -> nvReadPublic(onlyHandle(in));
            case 0x14E -> nvRead(in, sessions);
            case 0x137 -> nvWrite(in, sessions);
            case 0x12A -> nvDefine(in, sessions);
            case 0x122 -> nvUndefine(in, sessions);
            default -> throw new AssertionError("command 0x" + Integer.toHexString(code));
        };
    }

    private static int onlyHandle(ByteBuffer in) {
        int handle = in.getInt();
        end(in);
        return handle;
    }

    private static void end(ByteBuffer in) {
        expect(in.remaining(), 0);
    }

    private static void expect(long got, long expected) {
        if (got != expected) {
            throw new AssertionError("got 0x" + Long.toHexString(got) + ", expected 0x" + Long.toHexString(expected));
        }
    }

    private static void password(ByteBuffer in, boolean sessions) {
        expect(sessions ? 1 : 0, 1);
        expect(in.getInt(), 9);
        expect(in.getInt(), 0x40000009);
        expect(in.getShort(), 0);
        expect(in.get(), 0);
        expect(in.getShort(), 0);
    }

    private static byte[] sized(ByteBuffer in) {
        byte[] bytes = new byte[in.getShort()];
        in.get(bytes);
        return bytes;
    }

    private static byte[] response(int code, byte[] body) {
        return ByteBuffer.allocate(10 + body.length)
                .putShort((short) 0x8001)
                .putInt(10 + body.length)
                .putInt(code)
                .put(body)
                .array();
    }

    /** With a session: handles, the length of the parameters, the parameters, and the session's five bytes. */
    private static byte[] sessionResponse(byte[] handles, byte[] parameters) {
        int length = 10 + handles.length + 4 + parameters.length + 5;
        return ByteBuffer.allocate(length)
                .putShort((short) 0x8002)
                .putInt(length)
                .putInt(0)
                .put(handles)
                .putInt(parameters.length)
                .put(parameters)
                .putShort((short) 0)
                .put((byte) 1)
                .putShort((short) 0)
                .array();
    }

    private static byte[] sizedBytes(byte[] bytes) {
        return ByteBuffer.allocate(2 + bytes.length)
                .putShort((short) bytes.length)
                .put(bytes)
                .array();
    }

    private byte[] publicArea() {
        byte[] modulus = publicKey().getModulus().toByteArray();
        return ByteBuffer.allocate(24 + 256)
                .putShort((short) 1)
                .putShort((short) 0xB)
                .putInt(0x50472)
                .putShort((short) 0)
                .putShort((short) 0x10)
                .putShort((short) 0x14)
                .putShort((short) 0xB)
                .putShort((short) 2048)
                .putInt(0)
                .putShort((short) 256)
                .put(modulus, modulus.length - 256, 256)
                .array();
    }

    private byte[] createPrimary(ByteBuffer in, boolean sessions) {
        expect(in.getInt(), ENDORSEMENT);
        password(in, sessions);
        expect(sized(in).length, 4);
        ByteBuffer template = ByteBuffer.wrap(sized(in));
        expect(template.getShort(), 1);
        expect(template.getShort(), 0xB);
        expect(template.getInt(), 0x50472);
        expect(sized(in).length, 0);
        expect(in.getInt(), 0);
        end(in);
        loaded++;
        return sessionResponse(
                ByteBuffer.allocate(4).putInt(TRANSIENT).array(), concat(sizedBytes(publicArea()), new byte[20]));
    }

    private byte[] readPublic(int handle) {
        return persistent.contains(handle)
                ? response(0, concat(sizedBytes(publicArea()), new byte[4]))
                : response(RC_HANDLE_1, new byte[0]);
    }

    private byte[] flush(int handle) {
        expect(handle, TRANSIENT);
        loaded--;
        return response(0, new byte[0]);
    }

    private static int selection(ByteBuffer in) {
        expect(in.getInt(), 1);
        expect(in.getShort(), 0xB);
        expect(in.get(), 3);
        return Byte.toUnsignedInt(in.get()) | Byte.toUnsignedInt(in.get()) << 8 | Byte.toUnsignedInt(in.get()) << 16;
    }

    /** The eight lowest of those that are asked for, as real ones do. */
    private byte[] readPcrs(ByteBuffer in) {
        int asked = selection(in);
        end(in);
        int given = 0;
        ByteArrayOutputStream values = new ByteArrayOutputStream();
        for (int pcr = 0; pcr < 24 && Integer.bitCount(given) < 8; pcr++) {
            if ((asked >> pcr & 1) == 1) {
                given |= 1 << pcr;
                values.writeBytes(sizedBytes(pcrs[pcr]));
            }
        }
        return response(
                0,
                concat(
                        new byte[4],
                        selectionBytes(given),
                        ByteBuffer.allocate(4).putInt(Integer.bitCount(given)).array(),
                        values.toByteArray()));
    }

    private static byte[] selectionBytes(int mask) {
        return ByteBuffer.allocate(10)
                .putInt(1)
                .putShort((short) 0xB)
                .put((byte) 3)
                .put((byte) mask)
                .put((byte) (mask >> 8))
                .put((byte) (mask >> 16))
                .array();
    }

    private byte[] extend(ByteBuffer in, boolean sessions) {
        int pcr = in.getInt();
        password(in, sessions);
        expect(in.getInt(), 1);
        expect(in.getShort(), 0xB);
        byte[] digest = new byte[32];
        in.get(digest);
        end(in);
        commands.add("extend " + pcr);
        pcrs[pcr] = HashAlgorithm.SHA256.digest(concat(pcrs[pcr], digest));
        return sessionResponse(new byte[0], new byte[0]);
    }

    private byte[] quote(ByteBuffer in, boolean sessions) {
        int handle = in.getInt();
        expect(handle == TRANSIENT || persistent.contains(handle) ? 1 : 0, 1);
        password(in, sessions);
        byte[] nonce = sized(in);
        expect(in.getShort(), 0x14);
        expect(in.getShort(), 0xB);
        expect(selection(in), 0xFFFFFF);
        end(in);
        byte[] message = concat(
                ByteBuffer.allocate(6)
                        .putInt(0xFF544347)
                        .putShort((short) 0x8018)
                        .array(),
                sizedBytes(new byte[34]),
                sizedBytes(nonce),
                new byte[17 + 8],
                selectionBytes(0xFFFFFF),
                sizedBytes(HashAlgorithm.SHA256.digest(concat(pcrs))));
        byte[] signature = concat(new byte[] {0, 0x14, 0, 0xB}, sizedBytes(sign(message)));
        return sessionResponse(new byte[0], concat(sizedBytes(message), signature));
    }

    private byte[] sign(byte[] message) {
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(KEYS.getPrivate());
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] nvReadPublic(int index) {
        byte[] data = nv.get(index);
        if (data == null) {
            return response(RC_HANDLE_1, new byte[0]);
        }
        byte[] area = ByteBuffer.allocate(14)
                .putInt(index)
                .putShort((short) 0xB)
                .putInt(0)
                .putShort((short) 0)
                .putShort((short) data.length)
                .array();
        return response(0, concat(sizedBytes(area), new byte[2]));
    }

    private byte[] nvRead(ByteBuffer in, boolean sessions) {
        expect(in.getInt(), OWNER);
        int index = in.getInt();
        password(in, sessions);
        int length = in.getShort();
        int offset = in.getShort();
        end(in);
        byte[] data = onRead.apply(data(index));
        return sessionResponse(new byte[0], sizedBytes(Arrays.copyOfRange(data, offset, offset + length)));
    }

    private byte[] nvWrite(ByteBuffer in, boolean sessions) {
        expect(in.getInt(), OWNER);
        int index = in.getInt();
        password(in, sessions);
        byte[] data = sized(in);
        expect(in.getShort(), 0);
        end(in);
        expect(data.length, data(index).length);
        nv.put(index, data);
        commands.add("write " + Integer.toHexString(index));
        return sessionResponse(new byte[0], new byte[0]);
    }

    private byte[] nvDefine(ByteBuffer in, boolean sessions) {
        expect(in.getInt(), OWNER);
        password(in, sessions);
        expect(sized(in).length, 0);
        ByteBuffer area = ByteBuffer.wrap(sized(in));
        end(in);
        int index = area.getInt();
        expect(area.getShort(), 0xB);
        expect(area.getInt(), 0x20002);
        expect(area.getShort(), 0);
        expect(nv.containsKey(index) ? 1 : 0, 0);
        nv.put(index, new byte[area.getShort()]);
        commands.add("define " + Integer.toHexString(index));
        return sessionResponse(new byte[0], new byte[0]);
    }

    private byte[] nvUndefine(ByteBuffer in, boolean sessions) {
        expect(in.getInt(), OWNER);
        int index = in.getInt();
        password(in, sessions);
        end(in);
        nv.remove(index);
        commands.add("undefine " + Integer.toHexString(index));
        return sessionResponse(new byte[0], new byte[0]);
    }

    private byte[] data(int index) {
        byte[] data = nv.get(index);
        if (data == null) {
            throw new AssertionError("no NV index 0x" + Integer.toHexString(index));
        }
        return data;
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
