package dev.bulla.attestation.client.evidence.tpm;

import static java.util.Objects.requireNonNull;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A TPM of the kernel's: {@code /dev/tpmrm0}, or {@code /dev/tpm0} where there is no resource manager. */
public final class TpmDeviceFile implements TpmTransport {
    private final FileChannel device;

    private TpmDeviceFile(FileChannel device) {
        this.device = requireNonNull(device, "device is null");
    }

    /** Opens the device. */
    public static TpmDeviceFile open(Path path) throws IOException {
        return new TpmDeviceFile(FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public byte[] exchange(byte[] command) throws IOException {
        // The driver takes a command as one write and gives a response as one read.
        int written = device.write(ByteBuffer.wrap(command));
        if (written != command.length) {
            throw new IOException("TPM took " + written + " of " + command.length + " bytes");
        }
        ByteBuffer response = ByteBuffer.allocate(MAX_LENGTH);
        if (device.read(response) < 0) {
            throw new EOFException("TPM gave no response");
        }
        byte[] bytes = new byte[response.flip().remaining()];
        response.get(bytes);
        return bytes;
    }

    @Override
    public void close() {
        try {
            device.close();
        } catch (IOException e) {
            // Every response was read: there is nothing left to lose.
            return;
        }
    }
}
