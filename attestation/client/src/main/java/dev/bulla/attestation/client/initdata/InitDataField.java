package dev.bulla.attestation.client.initdata;

import java.io.IOException;

/**
 * The field of a TEE in which whoever started the guest bound the digest of its initdata: TDX's MRCONFIGID (48 bytes),
 * SNP's HOST_DATA (32), CCA's personalization value (64).
 *
 * <p><b>Security.</b> The value must come from the TEE itself; what the host says of it proves nothing.
 */
public interface InitDataField {

    /** What the field is called, for messages: {@code MRCONFIGID}. */
    String name();

    /**
     * The field's bytes, all of them.
     *
     * @throws IOException when the TEE does not give them
     */
    byte[] read() throws IOException;
}
