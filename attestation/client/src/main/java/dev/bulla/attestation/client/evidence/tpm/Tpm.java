package dev.bulla.attestation.client.evidence.tpm;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.interfaces.RSAPublicKey;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A TPM that is open: the few commands that evidence needs, with empty passwords.
 *
 * <p>Used by one thread, for a short time.
 *
 * <p><b>Security.</b> The way to the TPM is not protected: a TPM of the host's is the host's word. What it says is worth
 * something only where its signature is verified by whoever knows its key.
 */
public final class Tpm implements AutoCloseable {
    /** The most bytes of an NV index that are read or written. */
    public static final int MAX_NV = 16 * 1024;

    /** How many bytes of an NV index go in one command; every TPM takes as many. */
    static final int NV_CHUNK = 512;

    /** How often a command is sent that the TPM asks to send again. */
    static final int MAX_SENDS = 5;

    /** How often PCRs and quote are read until they agree. */
    static final int MAX_QUOTES = 3;

    private static final int OWNER = 0x40000001;
    private static final int ENDORSEMENT = 0x4000000B;

    private static final int RC_SUCCESS = 0;
    private static final int RC_HANDLE = 0x8B; // of format one, without the number of the handle
    private static final int RC_FORMAT_ONE_MASK = 0xFF;
    private static final List<Integer> RC_SEND_AGAIN = List.of(0x922, 0x908, 0x90A); // retry, yielded, testing

    private static final int HEADER = 10;
    private static final int TAG_SESSIONS = 0x8002;
    private static final int SHA256_LENGTH = 32;
    private static final int NV_OWNER_WRITE = 1 << 1;
    private static final int NV_OWNER_READ = 1 << 17;
    private static final int NV_WRITTEN = 1 << 29;

    private final TpmTransport transport;

    private Tpm(TpmTransport transport) {
        this.transport = requireNonNull(transport, "transport is null");
    }

    /** Opens the TPM. */
    public static Tpm open(TpmTransport.Source source) throws EvidenceUnavailableException {
        try {
            return new Tpm(source.open());
        } catch (IOException e) {
            throw new EvidenceUnavailableException("tpm: " + e.getMessage(), e);
        }
    }

    /**
     * A key in the TPM.
     *
     * @param handle its handle
     * @param publicKey its public half
     */
    public record Key(int handle, RSAPublicKey publicKey) {
        public Key {
            requireNonNull(publicKey, "publicKey is null");
        }
    }

    /** Makes an attestation key in the endorsement hierarchy: the same each time on the same TPM. To be flushed. */
    public Key createAttestationKey() throws EvidenceUnavailableException {
        TpmReader in = send(TpmCommand.of("TPM2_CreatePrimary", 0x131)
                .authorisedHandle(ENDORSEMENT)
                .sized(new byte[4]) // an empty password, no data of ours
                .sized(TpmPublicKey.template())
                .sized(new byte[0])
                .u32(0));
        int handle = in.u32();
        try {
            in.u32(); // the length of what follows
            return new Key(handle, TpmPublicKey.parse(in.sized()));
        } catch (EvidenceUnavailableException e) {
            flush(handle);
            throw e;
        }
    }

    /** The attestation key that is kept under this handle, if there is one. */
    public Optional<Key> persistentKey(int handle) throws EvidenceUnavailableException {
        Optional<TpmReader> in =
                sendIfThere(TpmCommand.of("TPM2_ReadPublic", 0x173).handle(handle));
        return in.isEmpty()
                ? Optional.empty()
                : Optional.of(new Key(handle, TpmPublicKey.parse(in.get().sized())));
    }

    /** Forgets a key that was made here. */
    public void flush(int handle) throws EvidenceUnavailableException {
        send(TpmCommand.of("TPM2_FlushContext", 0x165).u32(handle)).end();
    }

    /** The 24 PCRs of the SHA-256 bank. */
    public List<byte[]> pcrs() throws EvidenceUnavailableException {
        byte[][] values = new byte[PcrSelection.COUNT][];
        int missing = PcrSelection.ALL.mask();
        while (missing != 0) {
            TpmCommand command = TpmCommand.of("TPM2_PCR_Read", 0x17E);
            new PcrSelection(missing).write(command);
            TpmReader in = send(command);
            in.u32(); // how often a PCR was changed
            PcrSelection got = PcrSelection.read(in);
            int count = in.count();
            if (got.mask() == 0 || (got.mask() & ~missing) != 0 || got.size() != count) {
                throw in.refuse("PCRs " + HexFormat.of().toHexDigits(got.mask()) + " with " + count
                        + " values, expected some of " + HexFormat.of().toHexDigits(missing)
                        + " of the SHA-256 bank");
            }
            for (int pcr = 0; pcr < PcrSelection.COUNT; pcr++) {
                if (got.has(pcr)) {
                    values[pcr] = sha256(in);
                }
            }
            in.end();
            missing &= ~got.mask();
        }
        return List.of(values);
    }

    private static byte[] sha256(TpmReader in) throws EvidenceUnavailableException {
        byte[] value = in.sized();
        if (value.length != SHA256_LENGTH) {
            throw in.refuse("a PCR of " + value.length + " bytes, expected " + SHA256_LENGTH);
        }
        return value;
    }

    /** Extends a PCR of the SHA-256 bank. */
    public void extend(int pcr, byte[] digest) throws EvidenceUnavailableException {
        if (pcr < 0 || pcr >= PcrSelection.COUNT || digest.length != SHA256_LENGTH) {
            throw new IllegalArgumentException("PCR " + pcr + " with a digest of " + digest.length + " bytes");
        }
        send(TpmCommand.of("TPM2_PCR_Extend", 0x182)
                        .authorisedHandle(pcr)
                        .u32(1)
                        .u16(TpmAlgorithm.SHA256)
                        .bytes(digest))
                .u32();
    }

    /**
     * Quotes all PCRs.
     *
     * @param nonce what the quote has to carry
     * @throws EvidenceUnavailableException when the TPM refuses, or the PCRs keep changing meanwhile
     */
    public TpmQuote quote(Key key, byte[] nonce) throws EvidenceUnavailableException {
        for (int attempt = 1; attempt <= MAX_QUOTES; attempt++) {
            TpmCommand command = TpmCommand.of("TPM2_Quote", 0x158)
                    .authorisedHandle(key.handle())
                    .sized(nonce)
                    .u16(TpmAlgorithm.RSASSA)
                    .u16(TpmAlgorithm.SHA256);
            PcrSelection.ALL.write(command);
            TpmReader in = send(command);
            int length = in.u32();
            TpmReader parameters = new TpmReader("TPM2_Quote", in.bytes(length));
            byte[] message = parameters.sized();
            TpmQuote quote = new TpmQuote(message, parameters.rest(), pcrs());
            quote.rawSignature();
            if (TpmQuote.isOf(TpmQuote.pcrDigest(message, nonce), quote.pcrs())) {
                return quote;
            }
        }
        throw new EvidenceUnavailableException(
                "tpm: the PCRs were not those of the quote, " + MAX_QUOTES + " times: something keeps extending them");
    }

    /** How large an NV index is, if it is there. */
    public Optional<Integer> nvSize(int index) throws EvidenceUnavailableException {
        Optional<TpmReader> in =
                sendIfThere(TpmCommand.of("TPM2_NV_ReadPublic", 0x169).handle(index));
        if (in.isEmpty()) {
            return Optional.empty();
        }
        TpmReader area = new TpmReader("TPM2_NV_ReadPublic", in.get().sized());
        if (area.u32() != index) {
            throw area.refuse("it is of another index");
        }
        area.u16(); // the hash of its name
        area.u32(); // attributes
        area.sized(); // policy
        int size = area.u16();
        area.end();
        if (size > MAX_NV) {
            throw area.refuse("NV index of " + size + " bytes, expected at most " + MAX_NV);
        }
        return Optional.of(size);
    }

    /** Reads an NV index as its owner, if it is there. */
    public Optional<byte[]> nvRead(int index) throws EvidenceUnavailableException {
        Optional<Integer> size = nvSize(index);
        if (size.isEmpty()) {
            return Optional.empty();
        }
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        while (data.size() < size.get()) {
            int length = Math.min(NV_CHUNK, size.get() - data.size());
            TpmReader in = send(TpmCommand.of("TPM2_NV_Read", 0x14E)
                    .authorisedHandle(OWNER)
                    .handle(index)
                    .u16(length)
                    .u16(data.size()));
            in.u32(); // the length of what follows
            byte[] chunk = in.sized();
            if (chunk.length != length) {
                throw in.refuse("NV data of " + chunk.length + " bytes, expected " + length);
            }
            data.writeBytes(chunk);
        }
        return Optional.of(data.toByteArray());
    }

    /** Writes an NV index of just that size as its owner; makes it where it is missing or of another size. */
    public void nvWrite(int index, byte[] data) throws EvidenceUnavailableException {
        if (data.length == 0 || data.length > NV_CHUNK) {
            throw new IllegalArgumentException("NV data of " + data.length + " bytes, expected 1 to " + NV_CHUNK);
        }
        Optional<Integer> size = nvSize(index);
        if (size.isPresent() && size.get() != data.length) {
            send(TpmCommand.of("TPM2_NV_UndefineSpace", 0x122)
                    .authorisedHandle(OWNER)
                    .handle(index));
        }
        if (size.isEmpty() || size.get() != data.length) {
            byte[] area = TpmCommand.of("NV public area", 0)
                    .u32(index)
                    .u16(TpmAlgorithm.SHA256)
                    .u32((NV_OWNER_READ | NV_OWNER_WRITE) & ~NV_WRITTEN)
                    .sized(new byte[0])
                    .u16(data.length)
                    .parameters();
            send(TpmCommand.of("TPM2_NV_DefineSpace", 0x12A)
                    .authorisedHandle(OWNER)
                    .sized(new byte[0])
                    .sized(area));
        }
        send(TpmCommand.of("TPM2_NV_Write", 0x137)
                .authorisedHandle(OWNER)
                .handle(index)
                .sized(data)
                .u16(0));
    }

    private TpmReader send(TpmCommand command) throws EvidenceUnavailableException {
        return sendIfThere(command)
                .orElseThrow(() -> new EvidenceUnavailableException("tpm: " + command.name() + ": no such handle"));
    }

    /** The response's handles and parameters, or nothing where the TPM does not know a handle of the command. */
    private Optional<TpmReader> sendIfThere(TpmCommand command) throws EvidenceUnavailableException {
        for (int attempt = 1; ; attempt++) {
            byte[] response = exchange(command);
            TpmReader in = new TpmReader(command.name(), response);
            int tag = in.u16();
            int length = in.u32();
            int code = in.u32();
            if (length != response.length) {
                throw in.refuse("a response of " + response.length + " bytes, expected " + length);
            }
            if (code == RC_SUCCESS) {
                if ((tag == TAG_SESSIONS) != command.authorised()) {
                    throw in.refuse("response tag " + tag);
                }
                return Optional.of(in);
            }
            if ((code & RC_FORMAT_ONE_MASK) == RC_HANDLE && code >>> 12 == 0) {
                return Optional.empty();
            }
            if (!RC_SEND_AGAIN.contains(code) || attempt == MAX_SENDS) {
                throw new EvidenceUnavailableException(
                        "tpm: " + command.name() + ": response code 0x" + Integer.toHexString(code));
            }
        }
    }

    private byte[] exchange(TpmCommand command) throws EvidenceUnavailableException {
        try {
            byte[] response = transport.exchange(command.encode());
            if (response.length < HEADER || response.length > TpmTransport.MAX_LENGTH) {
                throw new EvidenceUnavailableException("tpm: " + command.name() + ": a response of " + response.length
                        + " bytes, expected " + HEADER + " to " + TpmTransport.MAX_LENGTH);
            }
            return response;
        } catch (IOException e) {
            throw new EvidenceUnavailableException("tpm: " + command.name() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        transport.close();
    }
}
