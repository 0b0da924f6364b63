package dev.bulla.guest.layer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes tar archives block by block, right ones and wrong ones. */
public final class TarBuilder {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public TarBuilder file(String name, String content) {
        return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    public TarBuilder file(String name, byte[] content) {
        return entry(RawHeader.of('0', name).size(content.length), content);
    }

    public TarBuilder directory(String name) {
        return entry(RawHeader.of('5', name).mode(0755));
    }

    public TarBuilder symlink(String name, String target) {
        return entry(RawHeader.of('2', name).mode(0777).link(target));
    }

    public TarBuilder link(String name, String target) {
        return entry(RawHeader.of('1', name).link(target));
    }

    public TarBuilder entry(RawHeader header) {
        return raw(header.bytes());
    }

    public TarBuilder entry(RawHeader header, byte[] body) {
        return entry(header).raw(body).raw(new byte[-body.length & 511]);
    }

    /** An extended header of records {@code key=value}, lengths computed. */
    public TarBuilder pax(String... records) {
        return extension('x', paxBody(records));
    }

    public static byte[] paxBody(String... records) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (String record : records) {
            byte[] bytes = (" " + record + "\n").getBytes(StandardCharsets.UTF_8);
            int length = bytes.length;
            while (length != bytes.length + Integer.toString(length).length()) {
                length = bytes.length + Integer.toString(length).length();
            }
            body.writeBytes(Integer.toString(length).getBytes(StandardCharsets.US_ASCII));
            body.writeBytes(bytes);
        }
        return body.toByteArray();
    }

    public TarBuilder extension(char type, byte[] body) {
        return entry(RawHeader.of(type, "extension").size(body.length), body);
    }

    public TarBuilder longName(String name) {
        return extension('L', (name + "\0").getBytes(StandardCharsets.UTF_8));
    }

    public TarBuilder longLink(String target) {
        return extension('K', (target + "\0").getBytes(StandardCharsets.UTF_8));
    }

    public TarBuilder raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    public TarBuilder end() {
        return raw(new byte[1024]);
    }

    public byte[] bytes() {
        return out.toByteArray();
    }
}
