"""The systems of the demonstration fleet: every level, every way of failing one, and what an audit must say of each.

The truths hold by the default policy. From outside, Level 3 needs settings that nothing shows (does the device speak
HTTPS with its management server?), so 2 is the most that can be proven there; what is possible is decided by what was
seen to be wrong. With settings, what is proven is mostly all that is possible.
"""

from auditor.demo.device import DeviceSpec
from auditor.demo.mps_systems import MPS
from auditor.demo.mxp_hardened import HARDENED
from auditor.demo.mxp_systems import AS_FOUND
from auditor.demo.odd_systems import ODD
from auditor.demo.tms_systems import TMS
from auditor.demo.vcs_systems import VCS

FLEET: tuple[DeviceSpec, ...] = (*ODD, *AS_FOUND, *HARDENED, *MPS, *VCS, *TMS)
"""The fleet that `auditor demo` audits; slow and silent hosts come first, or all others would wait for them."""
