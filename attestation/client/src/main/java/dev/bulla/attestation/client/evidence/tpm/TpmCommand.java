package dev.bulla.attestation.client.evidence.tpm;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** A command as it is built: big-endian, its length and its session filled in at the end. */
final class TpmCommand {
    private static final int TAG_NO_SESSIONS = 0x8001;
    private static final int TAG_SESSIONS = 0x8002;
    private static final int HEADER = 10;
    private static final int PASSWORD_SESSION = 0x40000009;
    private static final int PASSWORD_SESSION_LENGTH = 9;

    private final String name;
    private final int code;
    private final ByteArrayOutputStream handles = new ByteArrayOutputStream();
    private final ByteArrayOutputStream parameters = new ByteArrayOutputStream();
    private boolean authorised;

    private TpmCommand(String name, int code) {
        this.name = name;
        this.code = code;
    }

    static TpmCommand of(String name, int code) {
        return new TpmCommand(name, code);
    }

    String name() {
        return name;
    }

    boolean authorised() {
        return authorised;
    }

    /** The first handle is used by its empty password. */
    TpmCommand authorisedHandle(int handle) {
        authorised = true;
        return handle(handle);
    }

    TpmCommand handle(int handle) {
        handles.writeBytes(ByteBuffer.allocate(4).putInt(handle).array());
        return this;
    }

    TpmCommand u32(int value) {
        parameters.writeBytes(ByteBuffer.allocate(4).putInt(value).array());
        return this;
    }

    TpmCommand u16(int value) {
        parameters.writeBytes(ByteBuffer.allocate(2).putShort((short) value).array());
        return this;
    }

    TpmCommand bytes(byte[] value) {
        parameters.writeBytes(value);
        return this;
    }

    /** A TPM2B: the length in two bytes, and the bytes. */
    TpmCommand sized(byte[] value) {
        return u16(value.length).bytes(value);
    }

    /** What was put as parameters until now. */
    byte[] parameters() {
        return parameters.toByteArray();
    }

    byte[] encode() {
        int session = authorised ? 4 + PASSWORD_SESSION_LENGTH : 0;
        int length = HEADER + handles.size() + session + parameters.size();
        ByteBuffer out = ByteBuffer.allocate(length)
                .putShort((short) (authorised ? TAG_SESSIONS : TAG_NO_SESSIONS))
                .putInt(length)
                .putInt(code)
                .put(handles.toByteArray());
        if (authorised) {
            out.putInt(PASSWORD_SESSION_LENGTH)
                    .putInt(PASSWORD_SESSION)
                    .putShort((short) 0) // no nonce
                    .put((byte) 0) // no attributes
                    .putShort((short) 0); // an empty password
        }
        return out.put(parameters.toByteArray()).array();
    }
}
