package dev.bulla.registry;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import okhttp3.Dns;

/**
 * How near to the guest an address is; nearer ones come later.
 *
 * <p><b>Security.</b> A registry names other hosts (token services, storage), and must not thereby reach what only the
 * guest can: so each of them may be at most as near as the registry itself. The check sits in name resolution, so that
 * the address that was checked is the one that is connected to.
 */
enum AddressReach {
    /** Any address of the Internet. */
    GLOBAL,
    /** An address of a private network: RFC 1918, RFC 6598, RFC 4193. */
    PRIVATE,
    /** This machine. */
    LOOPBACK,
    /** The link only, where clouds keep their metadata services; also multicast. */
    LINK_LOCAL;

    /** Thrown when a name has no address that is far enough. */
    static final class TooNearException extends UnknownHostException {
        private static final long serialVersionUID = 1L;

        TooNearException(String message) {
            super(message);
        }
    }

    static AddressReach of(InetAddress address) {
        if (address.isLinkLocalAddress() || address.isMulticastAddress()) {
            return LINK_LOCAL;
        }
        if (address.isLoopbackAddress() || address.isAnyLocalAddress()) {
            return LOOPBACK;
        }
        byte[] bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            boolean sharedAddressSpace = bytes[0] == 100 && (bytes[1] & 0xC0) == 64;
            boolean thisNetwork = bytes[0] == 0;
            return address.isSiteLocalAddress() || sharedAddressSpace || thisNetwork ? PRIVATE : GLOBAL;
        }
        boolean nat64 = bytes[0] == 0
                && bytes[1] == 0x64
                && (bytes[2] & 0xFF) == 0xFF
                && (bytes[3] & 0xFF) == 0x9B
                && Arrays.equals(bytes, 4, 12, new byte[8], 0, 8);
        if (nat64 || Arrays.equals(bytes, 0, 12, new byte[12], 0, 12)) {
            return of(ipv4(Arrays.copyOfRange(bytes, 12, 16)));
        }
        boolean uniqueLocal = (bytes[0] & 0xFE) == 0xFC;
        return uniqueLocal || address.isSiteLocalAddress() ? PRIVATE : GLOBAL;
    }

    private static InetAddress ipv4(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // four bytes are an address
        }
    }

    /** The nearest of these. */
    static AddressReach nearest(List<InetAddress> addresses) {
        return addresses.stream()
                .map(AddressReach::of)
                .max(AddressReach::compareTo)
                .orElse(GLOBAL);
    }

    /** The nearer of the two. */
    AddressReach or(AddressReach other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /** A resolver that gives no address nearer than this. */
    Dns guard(Dns dns) {
        return host -> {
            List<InetAddress> all = dns.lookup(host);
            List<InetAddress> allowed =
                    all.stream().filter(a -> of(a).compareTo(this) <= 0).toList();
            if (allowed.isEmpty()) {
                throw new TooNearException(host + " has only addresses nearer than the registry's");
            }
            return allowed;
        };
    }
}
