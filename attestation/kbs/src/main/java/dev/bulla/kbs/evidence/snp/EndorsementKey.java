package dev.bulla.kbs.evidence.snp;

import dev.bulla.attestation.protocol.snp.SnpReport;
import dev.bulla.attestation.protocol.snp.SnpSigningKey;
import dev.bulla.attestation.protocol.snp.SnpTcb;
import dev.bulla.kbs.evidence.EvidenceException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;

/**
 * What a VCEK's or VLEK's certificate says by AMD's extensions (57230): the versions that the key was derived from and, of a
 * chip's key, the chip.
 *
 * @param certificate the certificate
 * @param kind VCEK or VLEK
 */
record EndorsementKey(X509Certificate certificate, SnpSigningKey kind) {
    private static final String BOOTLOADER_OID = "1.3.6.1.4.1.3704.1.3.1";
    private static final String TEE_OID = "1.3.6.1.4.1.3704.1.3.2";
    private static final String SNP_OID = "1.3.6.1.4.1.3704.1.3.3";
    private static final String MICROCODE_OID = "1.3.6.1.4.1.3704.1.3.8";
    private static final String FMC_OID = "1.3.6.1.4.1.3704.1.3.9";
    private static final String CHIP_OID = "1.3.6.1.4.1.3704.1.4";

    private static final int CHIP_ID_SIZE = 64;
    private static final int SHORT_CHIP_ID_SIZE = 8;
    private static final int OCTET_STRING = 0x04;
    private static final int INTEGER = 0x02;
    private static final byte[] PEM_BEGIN = "-----BEGIN CERTIFICATE-----".getBytes(StandardCharsets.US_ASCII);

    /** Reads one certificate in DER, or in PEM, which some hosts put into their table. */
    static X509Certificate parse(byte[] data, String name) throws EvidenceException {
        ByteArrayInputStream in = new ByteArrayInputStream(data);
        try {
            X509Certificate certificate =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            boolean pem = Arrays.mismatch(PEM_BEGIN, data) == PEM_BEGIN.length;
            boolean nothingElse = pem
                    ? new String(in.readAllBytes(), StandardCharsets.ISO_8859_1).isBlank()
                    : Arrays.equals(certificate.getEncoded(), data);
            if (nothingElse) {
                return certificate;
            }
        } catch (CertificateException e) {
            throw new EvidenceException("SNP certificates: the " + name + " is no certificate", e);
        }
        throw new EvidenceException("SNP certificates: the " + name + " has more than one certificate's bytes");
    }

    /** The public key, which is one of P-384. */
    ECPublicKey publicKey() throws EvidenceException {
        if (certificate.getPublicKey() instanceof ECPublicKey key && ReportSignature.isP384(key)) {
            return key;
        }
        throw new EvidenceException("SNP certificates: the " + kind + " has no key of P-384");
    }

    /** Refuses a key that was not derived from the versions that the report names, or not in its chip. */
    void checkMatches(SnpReport report) throws EvidenceException {
        SnpTcb tcb = report.reportedTcb();
        if (kind == SnpSigningKey.VCEK && !Arrays.equals(chipId(), report.chipId())) {
            throw new EvidenceException("SNP report: the chip's identifier is not that of the VCEK");
        }
        checkVersion(BOOTLOADER_OID, "boot loader", tcb.bootloader());
        checkVersion(TEE_OID, "TEE", tcb.tee());
        checkVersion(SNP_OID, "SNP", tcb.snp());
        checkVersion(MICROCODE_OID, "microcode", tcb.microcode());
        if (tcb.fmc().isPresent()) {
            checkVersion(FMC_OID, "FMC", tcb.fmc().getAsInt());
        }
    }

    private void checkVersion(String oid, String name, int reported) throws EvidenceException {
        byte[] content = der(extension(oid, name), INTEGER, name);
        int value = switch (content.length) {
            case 1 -> content[0];
            case 2 -> content[0] == 0 && content[1] < 0 ? Byte.toUnsignedInt(content[1]) : -1;
            default -> -1;
        };
        if (value < 0) {
            throw new EvidenceException("SNP certificates: the " + kind + "'s " + name + " version is not 0 to 255");
        }
        if (value != reported) {
            throw new EvidenceException("SNP report: reported " + name + " version " + reported + ", the " + kind
                    + " is of version " + value);
        }
    }

    /** The chip's identifier in 64 bytes; Turin's has 8, and its reports fill it with zeros. */
    private byte[] chipId() throws EvidenceException {
        byte[] value = extension(CHIP_OID, "chip identifier");
        if (value.length != CHIP_ID_SIZE && value.length != SHORT_CHIP_ID_SIZE) {
            value = der(value, OCTET_STRING, "chip identifier"); // certificates of both forms have been issued
        }
        if (value.length != CHIP_ID_SIZE && value.length != SHORT_CHIP_ID_SIZE) {
            throw new EvidenceException("SNP certificates: the " + kind + "'s chip identifier has " + value.length
                    + " bytes, expected 64 or 8");
        }
        return Arrays.copyOf(value, CHIP_ID_SIZE);
    }

    private byte[] extension(String oid, String name) throws EvidenceException {
        byte[] value = certificate.getExtensionValue(oid);
        if (value == null) {
            throw new EvidenceException("SNP certificates: the " + kind + " states no " + name);
        }
        return der(value, OCTET_STRING, name);
    }

    /** The content of one DER value of fewer than 128 bytes. */
    private byte[] der(byte[] value, int tag, String name) throws EvidenceException {
        if (value.length < 2 || value[0] != tag || value[1] != value.length - 2) {
            throw new EvidenceException("SNP certificates: the " + kind + "'s " + name + " is malformed");
        }
        return Arrays.copyOfRange(value, 2, value.length);
    }
}
