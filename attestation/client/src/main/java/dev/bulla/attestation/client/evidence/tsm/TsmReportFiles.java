package dev.bulla.attestation.client.evidence.tsm;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;

/**
 * The folder {@code tsm/report} of configfs: entries that are made and removed like folders, each with the kernel's
 * attributes as files.
 *
 * <p>Plain files do not behave so; whatever stands in for the kernel must count writes and make reports on reading as it
 * does.
 */
public interface TsmReportFiles {
    /** The folder at this path. */
    static TsmReportFiles in(Path folder) {
        return new ConfigfsReports(folder);
    }

    /** Whether the kernel offers the folder at all. */
    boolean present();

    /**
     * Makes an entry.
     *
     * @throws FileAlreadyExistsException when there is one of that name
     * @throws IOException when the kernel refuses, as where no TEE provides reports
     */
    void create(String entry) throws IOException;

    /**
     * Reads an attribute.
     *
     * @throws IOException when the kernel refuses, or the value has more than {@code most} bytes
     */
    byte[] read(String entry, TsmAttribute attribute, int most) throws IOException;

    /**
     * Writes an attribute. The kernel takes a blob when the file is closed, and then tells nobody if it does not: only the
     * generation shows whether it did.
     *
     * @throws IOException when the kernel refuses
     */
    void write(String entry, TsmAttribute attribute, byte[] value) throws IOException;

    /**
     * Removes an entry.
     *
     * @throws IOException when the kernel refuses
     */
    void remove(String entry) throws IOException;
}
